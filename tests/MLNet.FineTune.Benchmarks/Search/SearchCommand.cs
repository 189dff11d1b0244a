using System.CommandLine;
using MLNet.FineTune.Benchmarks.CommandLine;
using MLNet.FineTune.Benchmarks.Peft;

namespace MLNet.FineTune.Benchmarks.Search;

/// <summary>The verb <c>search</c>.</summary>
internal static class SearchCommand
{
    private const string Usual = "lora-query-value,lora-all-linear,pfeiffer,houlsby,parallel,prefix,mam,compacter,bitfit,ia3";

    private static readonly Option<DirectoryInfo> Data = new Option<DirectoryInfo>("--data") { Description = "Directory of the data sets, as for fewshot", HelpName = "DIR", Required = true }.AcceptExistingOnly();
    private static readonly Option<string[]> DataSets = OptionRanges.CreateList("--datasets", "Names of data sets, separated by commas", "a,b", byDefault: null);
    private static readonly Option<string[]> Fixed = OptionRanges.CreateList("--fixed", "Experiments of the verb peft that the search is compared with, separated by commas", "lora,bitfit", Usual)
        .Require(names => names!.All(PeftExperiment.Names.Contains), $"names of files in {PeftExperiment.Folder}");
    private static readonly Option<string> Encoder = EncoderOption.Create();
    private static readonly Option<int> Trials = OptionRanges.Create("--trials", "Trials of the search", "N", 40).AtLeast(1);
    private static readonly Option<int?> MaxTrain = new Option<int?>("--max-train") { Description = "Most training rows in all, drawn by the seed [default: no limit]", HelpName = "N" }.AtLeast(20);
    private static readonly Option<int?> MaxLength = new Option<int?>("--max-length") { Description = "Longest text in tokens [default: what the encoder takes]", HelpName = "N" }.AtLeast(3);
    private static readonly Option<int> Epochs = OptionRanges.Create("--epochs", "How often a fixed method sees each row, unless its experiment says otherwise", "N", 5).AtLeast(1);
    private static readonly Option<string> Pruner = OptionRanges.Create("--pruner", $"What ends hopeless trials: {string.Join(", ", Pruning.Names)}", "NAME", "none")
        .Require(Pruning.Names.Contains!, string.Join(", ", Pruning.Names));
    private static readonly Option<string?> Storage = new("--storage") { Description = "Where trials are kept, so that a search that was interrupted goes on [default: in memory]", HelpName = "FILE" };
    private static readonly Option<int> Seed = OptionRanges.Create("--seed", "Decides rows, trials and trainings", "N", 1).AtLeast(0);

    public static Command Create()
    {
        var command = new Command("search", "The front that SearchPeft finds in AutoPEFT's space, beside methods with their defaults and full fine-tuning: accuracy on validation and test rows.")
        {
            Data, DataSets, Fixed, Encoder, Trials, MaxTrain, MaxLength, Epochs, Pruner, Storage, Seed,
        };
        command.SetAction(result =>
        {
            Threads.Apply(result);
            SearchSuite.Run(new SearchSettings
            {
                Data = result.GetRequiredValue(Data).FullName,
                DataSets = result.GetRequiredValue(DataSets),
                Fixed = result.GetRequiredValue(Fixed),
                Encoder = EncoderOption.Parse(result.GetRequiredValue(Encoder)),
                Trials = result.GetValue(Trials),
                MaxTrain = result.GetValue(MaxTrain),
                MaxLength = result.GetValue(MaxLength),
                Epochs = result.GetValue(Epochs),
                Pruning = Pruning.Of(result.GetValue(Pruner)!),
                Storage = result.GetValue(Storage),
                Seed = result.GetValue(Seed),
            });
        });
        return command;
    }
}
