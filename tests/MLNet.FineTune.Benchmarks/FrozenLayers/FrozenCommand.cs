using System.CommandLine;
using MLNet.FineTune.Benchmarks.CommandLine;

namespace MLNet.FineTune.Benchmarks.FrozenLayers;

/// <summary>The verb <c>frozen</c>.</summary>
internal static class FrozenCommand
{
    private static readonly Option<DirectoryInfo> Data = new Option<DirectoryInfo>("--data") { Description = "Directory of the data sets, as for fewshot", HelpName = "DIR", Required = true }.AcceptExistingOnly();
    private static readonly Option<string> DataSet = OptionRanges.Create("--dataset", "Name of the data set", "NAME", "trec");
    private static readonly Option<int> Rows = OptionRanges.Create("--rows", "Training rows", "N", 1000).AtLeast(10);
    private static readonly Option<int> Epochs = OptionRanges.Create("--epochs", "How often each row is seen", "N", 10).AtLeast(2);
    private static readonly Option<int> Layers = OptionRanges.Create("--layers", "Layers of the encoder, which has random weights", "N", 4).AtLeast(2);
    private static readonly Option<int> Hidden = OptionRanges.Create("--hidden", "Width of the encoder", "N", 256).AtLeast(64);
    private static readonly Option<string[]> Poolings = OptionRanges.CreateList("--pooling", "What of the last layer the head reads, separated by commas: 'cls', the first vector, or 'mean' or 'max' of all", "cls,mean", "cls,mean")
        .Require(poolings => poolings!.All(pooling => Enum.TryParse<PoolingMode>(pooling, ignoreCase: true, out _)), "names among cls, mean, max");
    private static readonly Option<int> Rounds = OptionRanges.Create("--rounds", "How often each way is measured, in turns", "N", 3).AtLeast(1);

    public static Command Create()
    {
        var command = new Command("frozen", "Time of fine-tuning above frozen layers, with their outputs computed once for each text and computed anew in every epoch.") { Data, DataSet, Rows, Epochs, Layers, Hidden, Poolings, Rounds };
        command.SetAction(result =>
        {
            Threads.Apply(result);
            FrozenSuite.Run(new FrozenSettings(
                result.GetRequiredValue(Data).FullName, result.GetValue(DataSet)!, result.GetValue(Rows), result.GetValue(Epochs), result.GetValue(Layers), result.GetValue(Hidden),
                [.. result.GetRequiredValue(Poolings).Select(pooling => Enum.Parse<PoolingMode>(pooling, ignoreCase: true))], result.GetValue(Rounds)));
        });
        return command;
    }
}

/// <summary>What the suite of frozen layers runs.</summary>
/// <param name="Data">Directory of the data sets.</param>
/// <param name="DataSet">Name of the data set.</param>
/// <param name="Rows">Training rows.</param>
/// <param name="Epochs">How often each is seen.</param>
/// <param name="Layers">Layers of the encoder.</param>
/// <param name="Hidden">Its width.</param>
/// <param name="Poolings">What of the last layer the head reads.</param>
/// <param name="Rounds">How often each way is measured.</param>
internal sealed record FrozenSettings(string Data, string DataSet, int Rows, int Epochs, int Layers, int Hidden, IReadOnlyList<PoolingMode> Poolings, int Rounds);
