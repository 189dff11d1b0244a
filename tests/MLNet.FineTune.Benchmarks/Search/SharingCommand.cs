using System.CommandLine;
using MLNet.FineTune.Benchmarks.CommandLine;

namespace MLNet.FineTune.Benchmarks.Search;

/// <summary>The verb <c>search-sharing</c>.</summary>
internal static class SharingCommand
{
    private static readonly Option<DirectoryInfo> Data = new Option<DirectoryInfo>("--data") { Description = "Directory of the data sets, as for fewshot", HelpName = "DIR", Required = true }.AcceptExistingOnly();
    private static readonly Option<string> DataSet = OptionRanges.Create("--dataset", "Name of the data set", "NAME", "trec");
    private static readonly Option<int> Rows = OptionRanges.Create("--rows", "Training rows; as many are measured on at most", "N", 500).AtLeast(20);
    private static readonly Option<int> Trials = OptionRanges.Create("--trials", "Trials of the search", "N", 40).AtLeast(1);
    private static readonly Option<int> Layers = OptionRanges.Create("--layers", "Layers of the encoder, which has random weights", "N", 6).AtLeast(2);
    private static readonly Option<int> Hidden = OptionRanges.Create("--hidden", "Width of the encoder", "N", 256).AtLeast(64);

    public static Command Create()
    {
        var command = new Command("search-sharing", "Time of a search, whose trials share tokens and frozen layers, against that of the same trainings one by one.") { Data, DataSet, Rows, Trials, Layers, Hidden };
        command.SetAction(result =>
        {
            Threads.Apply(result);
            SharingSuite.Run(new SharingSettings(
                result.GetRequiredValue(Data).FullName, result.GetValue(DataSet)!, result.GetValue(Rows), result.GetValue(Trials), result.GetValue(Layers), result.GetValue(Hidden)));
        });
        return command;
    }
}

/// <summary>What the suite of shared work runs.</summary>
/// <param name="Data">Directory of the data sets.</param>
/// <param name="DataSet">Name of the data set.</param>
/// <param name="Rows">Training rows.</param>
/// <param name="Trials">Trials of the search.</param>
/// <param name="Layers">Layers of the encoder.</param>
/// <param name="Hidden">Its width.</param>
internal sealed record SharingSettings(string Data, string DataSet, int Rows, int Trials, int Layers, int Hidden);
