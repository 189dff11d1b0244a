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

    private static readonly Option<string[]> Pruners = OptionRanges.CreateList("--pruners", $"What ends hopeless trials, a search for each, separated by commas: {string.Join(", ", Pruning.Names)}. The trainings one by one all run to their end", "a,b", "none")
        .Require(names => names!.All(Pruning.Names.Contains), string.Join(", ", Pruning.Names));
    private static readonly Option<int> KeptMegabytes = OptionRanges.Create("--alone-kept-mb", "Memory in which a training of its own keeps the outputs of its frozen layers; 0 to compute all layers each time", "N", new TrainingOptions().FrozenStateMegabytes).AtLeast(0);

    public static Command Create()
    {
        var command = new Command("search-sharing", "Time of a search, whose trials share tokens and frozen layers, against that of the same trainings one by one.")
        {
            Data, DataSet, Rows, Trials, Layers, Hidden, Pruners, KeptMegabytes,
        };
        command.SetAction(result =>
        {
            Threads.Apply(result);
            SharingSuite.Run(new SharingSettings
            {
                Data = result.GetRequiredValue(Data).FullName,
                DataSet = result.GetValue(DataSet)!,
                Rows = result.GetValue(Rows),
                Trials = result.GetValue(Trials),
                Layers = result.GetValue(Layers),
                Hidden = result.GetValue(Hidden),
                Pruners = result.GetValue(Pruners)!,
                AloneKeptMegabytes = result.GetValue(KeptMegabytes),
            });
        });
        return command;
    }
}

/// <summary>What the suite of shared work runs.</summary>
internal sealed record SharingSettings
{
    /// <summary>Directory of the data sets.</summary>
    public required string Data { get; init; }

    /// <summary>Name of the data set.</summary>
    public required string DataSet { get; init; }

    /// <summary>Training rows.</summary>
    public required int Rows { get; init; }

    /// <summary>Trials of the search.</summary>
    public required int Trials { get; init; }

    /// <summary>Layers of the encoder.</summary>
    public required int Layers { get; init; }

    /// <summary>Its width.</summary>
    public required int Hidden { get; init; }

    /// <summary>What ends hopeless trials: a search for each.</summary>
    public required IReadOnlyList<string> Pruners { get; init; }

    /// <summary>Memory in which a training of its own keeps the outputs of its frozen layers.</summary>
    public required int AloneKeptMegabytes { get; init; }
}
