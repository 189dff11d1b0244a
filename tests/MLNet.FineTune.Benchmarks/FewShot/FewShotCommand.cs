using System.CommandLine;
using System.Globalization;
using MLNet.FineTune.Benchmarks.CommandLine;

namespace MLNet.FineTune.Benchmarks.FewShot;

/// <summary>The verb <c>fewshot</c>.</summary>
internal static class FewShotCommand
{
    private const string Full = "full";

    private static readonly Option<DirectoryInfo> Data = new Option<DirectoryInfo>("--data")
    {
        Description = "Directory of the data sets: NAME/train.tsv and NAME/test.tsv (dev.tsv where there is no test.tsv), tab-separated, with a header 'text', 'label'",
        HelpName = "DIR",
        Required = true,
    }.AcceptExistingOnly();

    private static readonly Option<string[]> DataSets = OptionRanges.CreateList("--datasets", "Names of data sets, separated by commas", "a,b", byDefault: null);
    private static readonly Option<string[]> Shots = OptionRanges.CreateList("--shots", "Training rows a class, separated by commas; 'full' for the whole training set", "8,16", "8,16,64,full")
        .Require(shots => shots!.All(shot => shot == Full || int.TryParse(shot, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0), "numbers of at least 1, or 'full'");
    private static readonly Option<int> Seeds = OptionRanges.Create("--seeds", "How many seeds, from 0: a seed draws the rows and starts the training", "N", 5).AtLeast(1);
    private static readonly Option<string[]> Methods = OptionRanges.CreateList("--method", $"What to compare, separated by commas: {FewShotMethods.Names}; '{FrozenEmbedding.MethodName}' is EmbedText + LbfgsMaximumEntropy", "embed,full,lora", "full")
        .Require(methods => methods!.All(FewShotMethods.Contains), $"names among {FewShotMethods.Names}");
    private static readonly ScratchOption Encoder = new("--encoder", "The encoder", scratch: false);
    private static readonly Option<Precision> Precision = OptionRanges.Create("--precision", "Number format of fine-tuning", "auto|float32|bfloat16", FineTune.Precision.Auto);
    private static readonly Option<int> Epochs = OptionRanges.Create("--epochs", "How often fine-tuning sees each row", "N", 10).AtLeast(1);
    private static readonly Option<int> BatchSize = OptionRanges.Create("--batch", "Rows a step", "N", 32).AtLeast(1);
    private static readonly Option<double?> LearningRate = new Option<double?>("--learning-rate") { Description = "Peak learning rate of fine-tuning [default: the library's for the method]", HelpName = "RATE" }
        .Require(rate => rate is null or > 0, "a number above 0");
    private static readonly Option<HeadInitialization> Head = OptionRanges.Create("--head", "What fine-tuning starts its head from", "auto|random|linearprobe", HeadInitialization.Auto);
    private static readonly Option<double> Share = OptionRanges.Create("--share", "How far fine-tuning goes from the weights before it to those after (WeightInterpolation)", "X", 1.0).Require(share => share is > 0 and <= 1, "above 0, up to 1");
    private static readonly Option<int?> MaxLength = new Option<int?>("--max-length") { Description = "Longest text in tokens [default: what the encoder takes]", HelpName = "N" }.AtLeast(3);
    private static readonly Option<int?> MaxTrain = new Option<int?>("--max-train") { Description = "Most training rows in all, drawn by the seed [default: no limit]", HelpName = "N" }.AtLeast(1);

    public static Command Create()
    {
        var command = new Command("fewshot", "Accuracy after fine-tuning on few rows a class, or on all, beside ML.NET's FeaturizeText + SdcaMaximumEntropy on the same rows.")
        {
            Data, DataSets, Shots, Seeds, Methods, Epochs, LearningRate, BatchSize, Precision, Head, Share, MaxLength, MaxTrain,
        };
        Encoder.AddTo(command);
        command.SetAction(result =>
        {
            Threads.Apply(result);
            FewShotSuite.Run(Read(result));
        });
        return command;
    }

    private static FewShotSettings Read(ParseResult command) => new()
    {
        Data = command.GetRequiredValue(Data).FullName,
        DataSets = command.GetRequiredValue(DataSets),
        Shots = [.. command.GetRequiredValue(Shots).Select(shot => shot == Full ? (int?)null : int.Parse(shot, CultureInfo.InvariantCulture))],
        Seeds = command.GetValue(Seeds),
        Methods = command.GetRequiredValue(Methods),
        Encoder = Encoder.Read(command),
        Precision = command.GetValue(Precision),
        Epochs = command.GetValue(Epochs),
        BatchSize = command.GetValue(BatchSize),
        LearningRate = command.GetValue(LearningRate),
        Head = command.GetValue(Head),
        Share = command.GetValue(Share),
        MaxLength = command.GetValue(MaxLength),
        MaxTrain = command.GetValue(MaxTrain),
    };
}
