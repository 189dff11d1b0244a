using System.CommandLine;
using System.Globalization;
using MLNet.FineTune.Benchmarks.CommandLine;

namespace MLNet.FineTune.Benchmarks.SelfTraining;

/// <summary>The verb <c>selftrain</c>.</summary>
internal static class SelfTrainCommand
{
    private const string All = "all";

    private static readonly Option<DirectoryInfo> Data = new Option<DirectoryInfo>("--data")
    {
        Description = "Directory of the data sets: NAME/train.tsv and NAME/test.tsv (dev.tsv where there is no test.tsv), tab-separated, with a header 'text', 'label'",
        HelpName = "DIR",
        Required = true,
    }.AcceptExistingOnly();

    private static readonly Option<string[]> DataSets = OptionRanges.CreateList("--datasets", "Names of data sets of which few rows are labelled and the others are the texts without labels, separated by commas", "a,b", "");
    private static readonly Option<string[]> Weak = OptionRanges.CreateList("--weak", "Names of data sets with weak labels (a column 'weak_labels' of votes or 'weak_label'), separated by commas", "a,b", "");
    private static readonly Option<string[]> Shots = OptionRanges.CreateList("--shots", "Labelled rows a class, separated by commas", "10,30", "10,30")
        .Require(shots => shots!.All(shot => int.TryParse(shot, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0), "numbers of at least 1");
    private static readonly Option<int> Seeds = OptionRanges.Create("--seeds", "How many seeds, from 0: a seed draws the rows and starts the training", "N", 3).AtLeast(1);
    private static readonly Option<string[]> Methods = OptionRanges.CreateList("--methods", $"What to compare with supervised training, separated by commas: '{All}', or among {Names()}", "cosine,distill", All)
        .Require(methods => methods!.All(name => name == All || SelfTrainMethods.FewLabels.ContainsKey(name)), $"'{All}' or names among {Names()}");
    private static readonly Option<string> Encoder = EncoderOption.Create();
    private static readonly Option<string> Peft = OptionRanges.Create("--peft", "What of the encoder trains, as a text such as 'lora(rank=16)'", "METHOD", "full");
    private static readonly Option<int> Epochs = OptionRanges.Create("--epochs", "How often a training sees each labelled row", "N", 10).AtLeast(1);
    private static readonly Option<int> UnlabeledEpochs = OptionRanges.Create("--unlabeled-epochs", "How often a training on predicted labels sees each text", "N", 3).AtLeast(1);
    private static readonly Option<int> BatchSize = OptionRanges.Create("--batch", "Rows a step", "N", 32).AtLeast(1);
    private static readonly Option<double?> LearningRate = new Option<double?>("--learning-rate") { Description = "Peak learning rate [default: the library's for the method]", HelpName = "RATE" }
        .Require(rate => rate is null or > 0, "a number above 0");
    private static readonly Option<int?> MaxLength = new Option<int?>("--max-length") { Description = "Longest text in tokens [default: what the encoder takes]", HelpName = "N" }.AtLeast(3);
    private static readonly Option<int?> MaxUnlabeled = new Option<int?>("--max-unlabeled") { Description = "Most texts without labels, drawn by the seed [default: no limit]", HelpName = "N" }.AtLeast(1);
    private static readonly Option<int?> MaxTest = new Option<int?>("--max-test") { Description = "Most test rows, the same for all [default: no limit]", HelpName = "N" }.AtLeast(1);
    private static readonly Option<double> StepScale = OptionRanges.Create("--step-scale", "Multiplies the numbers of steps of COSINE's second stage and of LiST's students", "X", 1.0).Require(scale => scale > 0, "a number above 0");
    private static readonly Option<string[]> MethodTexts = MethodOption();
    private static readonly Option<bool> NoValidation = new("--no-validation") { Description = "With weak labels: do not choose the best model of a training by dev.tsv" };
    private static readonly Option<bool> RandomHead = new("--random-head") { Description = "Start all heads at random, not from logistic regression on embeddings" };

    public static Command Create()
    {
        var command = new Command("selftrain", "Accuracy of self-training on few labelled rows and many without labels, or on weak labels, beside the same training on the labels alone.")
        {
            Data, DataSets, Weak, Shots, Seeds, Methods, Encoder, Peft, Epochs, UnlabeledEpochs, BatchSize, LearningRate, MaxLength, MaxUnlabeled, MaxTest, StepScale, MethodTexts, NoValidation, RandomHead,
        };
        command.SetAction(result =>
        {
            Threads.Apply(result);
            SelfTrainSuite.Run(Read(result));
        });
        return command;
    }

    private static SelfTrainSettings Read(ParseResult command) => new()
    {
        Data = command.GetRequiredValue(Data).FullName,
        DataSets = [.. command.GetRequiredValue(DataSets).Where(name => name.Length > 0)],
        WeakDataSets = [.. command.GetRequiredValue(Weak).Where(name => name.Length > 0)],
        Shots = [.. command.GetRequiredValue(Shots).Select(shot => int.Parse(shot, CultureInfo.InvariantCulture))],
        Seeds = command.GetValue(Seeds),
        Methods = command.GetRequiredValue(Methods) is var names && names.Contains(All) ? [.. SelfTrainMethods.FewLabels.Keys] : names,
        Encoder = EncoderOption.Parse(command.GetRequiredValue(Encoder)),
        Peft = PeftMethod.Parse(command.GetRequiredValue(Peft)),
        Epochs = command.GetValue(Epochs),
        UnlabeledEpochs = command.GetValue(UnlabeledEpochs),
        BatchSize = command.GetValue(BatchSize),
        LearningRate = command.GetValue(LearningRate),
        MaxLength = command.GetValue(MaxLength),
        MaxUnlabeled = command.GetValue(MaxUnlabeled),
        MaxTest = command.GetValue(MaxTest),
        StepScale = command.GetValue(StepScale),
        MethodTexts = command.GetValue(MethodTexts) ?? [],
        NoValidation = command.GetValue(NoValidation),
        RandomHead = command.GetValue(RandomHead),
    };

    private static string Names() => string.Join(", ", SelfTrainMethods.FewLabels.Keys);

    private static Option<string[]> MethodOption()
    {
        var option = new Option<string[]>("--method")
        {
            Description = "A further method as a text, with its options, such as 'cosine(steps=200, confidence_threshold=0, self_training=training(learning_rate=1e-4))'; may be given several times",
            HelpName = "METHOD",
        };
        option.Validators.Add(result =>
        {
            try
            {
                foreach (string text in result.GetValueOrDefault<string[]>() ?? [])
                    _ = SelfTrainingMethod.Parse(text);
            }
            catch (FormatException e)
            {
                result.AddError($"{option.Name}: {e.Message}");
            }
        });
        return option;
    }
}
