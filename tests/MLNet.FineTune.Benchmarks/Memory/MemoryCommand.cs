using System.CommandLine;
using System.Globalization;
using MLNet.FineTune.Benchmarks.CommandLine;
using MLNet.FineTune.Runtime;
using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Memory;

/// <summary>The verb <c>memory</c>.</summary>
internal static class MemoryCommand
{
    private static readonly Option<int> Steps = OptionRanges.Create("--steps", $"Training steps; growth counts from step {TrainingMemory.GrowthStart}", "N", 500).AtLeast(TrainingMemory.GrowthStart + TrainingMemory.Interval);
    private static readonly Option<int> Cycles = OptionRanges.Create("--cycles", $"Times that a model is loaded, used and disposed; growth counts from cycle {LoadingMemory.GrowthStart}", "N", 200).AtLeast(2 * LoadingMemory.GrowthStart);
    private static readonly Option<int> Layers = OptionRanges.Create("--layers", "Layers of the encoder", "N", 2).AtLeast(1);
    private static readonly Option<int> Hidden = OptionRanges.Create("--hidden", "Width of the encoder", "N", 128).Require(hidden => hidden >= 32 && hidden % 32 == 0, "a multiple of 32");
    private static readonly Option<int> Batch = OptionRanges.Create("--batch", "Rows of a batch", "N", 16).AtLeast(1);
    private static readonly Option<int> Length = OptionRanges.Create("--length", "Greatest length of a row in tokens", "N", 64).AtLeast(4);
    private static readonly Option<Precision> Precision = OptionRanges.Create("--precision", "Number format of training", "auto|float32|bfloat16", FineTune.Precision.Float32);

    private static readonly Option<string[]> UnlabeledRows = OptionRanges.CreateList("--selftrain-rows", "Measure self-training with so many texts without labels, separated by commas, and nothing else", "10000,100000", "")
        .Require(rows => rows!.All(row => row.Length == 0 || (int.TryParse(row, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0)), "numbers of at least 1");

    public static Command Create()
    {
        var command = new Command("memory", "Resident memory and live tensors over a training run, and over many rounds of loading, scoring and disposing a model.")
        {
            Steps, Cycles, Layers, Hidden, Batch, Length, Precision, UnlabeledRows,
        };
        command.SetAction(result =>
        {
            Threads.Apply(result);
            MemorySuite.Run(new MemorySettings
            {
                Layers = result.GetValue(Layers),
                Hidden = result.GetValue(Hidden),
                Batch = result.GetValue(Batch),
                MaxLength = result.GetValue(Length),
                Steps = result.GetValue(Steps),
                Cycles = result.GetValue(Cycles),
                UnlabeledRows = [.. result.GetRequiredValue(UnlabeledRows).Where(row => row.Length > 0).Select(row => int.Parse(row, CultureInfo.InvariantCulture))],
                ComputeType = Hardware.ComputeType(result.GetValue(Precision), CPU),
            });
        });
        return command;
    }
}
