using System.CommandLine;
using System.Text.RegularExpressions;
using MLNet.FineTune.Benchmarks.CommandLine;
using MLNet.FineTune.Runtime;
using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Throughput;

/// <summary>The verb <c>throughput</c>.</summary>
internal static class ThroughputCommand
{
    private static readonly Option<int> Layers = OptionRanges.Create("--layers", "Layers of the encoder", "N", 6).AtLeast(1);
    private static readonly Option<int> Hidden = OptionRanges.Create("--hidden", "Width of the encoder, with heads of 32 and feed-forward networks four times as wide", "N", 384)
        .Require(hidden => hidden >= 32 && hidden % 32 == 0, "a multiple of 32");
    private static readonly Option<int> Batch = OptionRanges.Create("--batch", "Rows of a batch", "N", 32).AtLeast(1);
    private static readonly Option<int> Length = OptionRanges.Create("--length", "Tokens of a row", "N", 64).AtLeast(3);
    private static readonly Option<int> Rounds = OptionRanges.Create("--rounds", "Rounds; in each, every case has its turn", "N", 5).AtLeast(1);
    private static readonly Option<int> Steps = OptionRanges.Create("--steps", "Timed training steps of a case in a round, after one that is not timed", "N", 3).AtLeast(1);
    private static readonly Option<string> Device = OptionRanges.Create("--device", "Where to compute", "cpu|cuda:N", "cpu")
        .Require(device => Regex.IsMatch(device!, "^(cpu|cuda:[0-9]{1,3})$"), "cpu or cuda:N");
    private static readonly Option<bool> TensorFloat32 = new("--tf32") { Description = "Let CUDA round the factors of float32 products to TF32" };

    public static Command Create()
    {
        var command = new Command("throughput", "Tokens a second of training and scoring, as a share of the matrix-product peak measured in the same run.")
        {
            Layers, Hidden, Batch, Length, Rounds, Steps, Device, TensorFloat32,
        };
        command.SetAction(result =>
        {
            int threads = Threads.Apply(result);
            string device = result.GetRequiredValue(Device);
            if (result.GetValue(TensorFloat32))
                backends.cuda.matmul.allow_tf32 = true;
            ThroughputSuite.Run(new ThroughputSettings
            {
                Layers = result.GetValue(Layers),
                Hidden = result.GetValue(Hidden),
                Batch = result.GetValue(Batch),
                Length = result.GetValue(Length),
                Rounds = result.GetValue(Rounds),
                Steps = result.GetValue(Steps),
                Device = Hardware.SelectDevice(device == "cpu" ? null : int.Parse(device.AsSpan("cuda:".Length), System.Globalization.CultureInfo.InvariantCulture), fallbackToCpu: false),
                Threads = threads,
            });
        });
        return command;
    }
}
