using System.CommandLine;
using MLNet.FineTune.Benchmarks.CommandLine;
using MLNet.FineTune.Benchmarks.FewShot;

namespace MLNet.FineTune.Benchmarks.Peft;

/// <summary>The verb <c>peft</c>.</summary>
internal static class PeftCommand
{
    private const string All = "all";

    private static readonly Option<DirectoryInfo> Data = new Option<DirectoryInfo>("--data") { Description = "Directory of the data sets, as for fewshot", HelpName = "DIR", Required = true }.AcceptExistingOnly();
    private static readonly Option<string[]> DataSets = OptionRanges.CreateList("--datasets", "Names of data sets, separated by commas", "a,b", byDefault: null);
    private static readonly Option<string[]> Methods = OptionRanges.CreateList("--methods", $"Experiments, separated by commas, or '{All}': {string.Join(", ", PeftExperiment.Names)}", "lora,bitfit", All)
        .Require(names => names!.All(name => name == All || PeftExperiment.Names.Contains(name)), $"'{All}' or names of files in {PeftExperiment.Folder}");
    private static readonly Option<string> Encoder = EncoderOption.Create();
    private static readonly Option<int> Seeds = OptionRanges.Create("--seeds", "How many seeds, from 0: a seed draws the rows and starts the training", "N", 5).AtLeast(1);
    private static readonly Option<int?> Shots = new Option<int?>("--shots") { Description = "Training rows a class [default: all]", HelpName = "N" }.AtLeast(1);
    private static readonly Option<int?> MaxTrain = new Option<int?>("--max-train") { Description = "Most training rows in all, drawn by the seed [default: no limit]", HelpName = "N" }.AtLeast(1);
    private static readonly Option<int> Epochs = OptionRanges.Create("--epochs", "How often a method sees each row, unless its experiment says otherwise", "N", 5).AtLeast(1);
    private static readonly Option<int> BatchSize = OptionRanges.Create("--batch", "Rows a step", "N", 32).AtLeast(1);
    private static readonly Option<int?> MaxLength = new Option<int?>("--max-length") { Description = "Longest text in tokens [default: what the encoder takes]", HelpName = "N" }.AtLeast(3);
    private static readonly Option<Precision> Precision = OptionRanges.Create("--precision", "Number format of training", "auto|float32|bfloat16", FineTune.Precision.Auto);

    public static Command Create()
    {
        var command = new Command("peft", "Accuracy, trained parameters, size, speed and memory of the methods of fine-tuning on the same rows.")
        {
            Data, DataSets, Methods, Encoder, Seeds, Shots, MaxTrain, Epochs, BatchSize, MaxLength, Precision,
        };
        command.SetAction(result =>
        {
            Threads.Apply(result);
            string[] names = result.GetRequiredValue(Methods);
            PeftSuite.Run([.. (names.Contains(All) ? PeftExperiment.Names : names).Select(PeftExperiment.Read)], Read(result));
        });
        return command;
    }

    private static FewShotSettings Read(ParseResult command) => new()
    {
        Data = command.GetRequiredValue(Data).FullName,
        DataSets = command.GetRequiredValue(DataSets),
        Shots = [command.GetValue(Shots)],
        Seeds = command.GetValue(Seeds),
        Methods = [],
        Encoder = EncoderOption.Parse(command.GetRequiredValue(Encoder)),
        Precision = command.GetValue(Precision),
        Epochs = command.GetValue(Epochs),
        BatchSize = command.GetValue(BatchSize),
        MaxLength = command.GetValue(MaxLength),
        MaxTrain = command.GetValue(MaxTrain),
    };
}
