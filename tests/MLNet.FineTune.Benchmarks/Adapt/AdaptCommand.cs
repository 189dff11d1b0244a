using System.CommandLine;
using MLNet.FineTune.Benchmarks.CommandLine;
using MLNet.FineTune.Benchmarks.FewShot;

namespace MLNet.FineTune.Benchmarks.Adapt;

/// <summary>The verb <c>adapt</c>.</summary>
internal static class AdaptCommand
{
    private static readonly EncoderAdaptationOptions Defaults = new();

    private static readonly Option<DirectoryInfo> Data = new Option<DirectoryInfo>("--data") { Description = "Directory of the data sets, as for fewshot", HelpName = "DIR", Required = true }.AcceptExistingOnly();
    private static readonly Option<string[]> DataSets = OptionRanges.CreateList("--datasets", "Names of data sets, separated by commas", "a,b", byDefault: null);
    private static readonly Option<string> Encoder = EncoderOption.Create();
    private static readonly Option<int> Seeds = OptionRanges.Create("--seeds", "How many seeds, from 0: a seed draws the rows and starts all training", "N", 3).AtLeast(1);
    private static readonly Option<int?> MaxTrain = new Option<int?>("--max-train") { Description = "Most training rows, drawn by the seed [default: no limit]", HelpName = "N" }.AtLeast(1);
    private static readonly Option<int> Epochs = OptionRanges.Create("--epochs", "How often fine-tuning sees each row", "N", 4).AtLeast(1);
    private static readonly Option<int> BatchSize = OptionRanges.Create("--batch", "Rows a step of fine-tuning", "N", 32).AtLeast(1);
    private static readonly Option<double> LearningRate = OptionRanges.Create("--learning-rate", "Peak learning rate of fine-tuning trained weights", "RATE", 1e-4).Require(rate => rate > 0, "a number above 0");
    private static readonly Option<double> RandomLearningRate = OptionRanges.Create("--random-learning-rate", "Peak learning rate of fine-tuning random weights", "RATE", 5e-4).Require(rate => rate > 0, "a number above 0");
    private static readonly Option<HeadInitialization> Head = OptionRanges.Create("--head", "What fine-tuning starts its head from", "auto|random|linearprobe", HeadInitialization.Auto);
    private static readonly Option<int?> MaxLength = new Option<int?>("--max-length") { Description = "Longest text of fine-tuning in tokens [default: what the encoder takes]", HelpName = "N" }.AtLeast(3);
    private static readonly Option<int?> AdaptEpochs = new Option<int?>("--adapt-epochs") { Description = $"How often task-adaptive pre-training sees each text [default: {Defaults.TaskPretraining.Training.Epochs}]", HelpName = "N" }.AtLeast(1);
    private static readonly Option<double?> AdaptLearningRate = new Option<double?>("--adapt-learning-rate") { Description = "Peak learning rate of task-adaptive pre-training [default: the library's]", HelpName = "RATE" }
        .Require(rate => rate is null or > 0, "a number above 0");
    private static readonly Option<int> AdaptMaxLength = OptionRanges.Create("--adapt-max-length", "Longest text of task-adaptive pre-training in tokens", "N", Defaults.TaskPretraining.MaxLength).AtLeast(8);
    private static readonly Option<Precision> Precision = OptionRanges.Create("--precision", "Number format of all training", "auto|float32|bfloat16", FineTune.Precision.Auto);

    public static Command Create()
    {
        var command = new Command("adapt", "Accuracy of full fine-tuning from random weights, from a pretrained encoder, and from it after task-adaptive pre-training on the same rows' texts.")
        {
            Data, DataSets, Encoder, Seeds, MaxTrain, Epochs, BatchSize, LearningRate, RandomLearningRate, Head, MaxLength, AdaptEpochs, AdaptLearningRate, AdaptMaxLength, Precision,
        };
        command.SetAction(result =>
        {
            Threads.Apply(result);
            AdaptSuite.Execute(Read(result));
        });
        return command;
    }

    private static AdaptSettings Read(ParseResult command) => new()
    {
        FineTuning = new FewShotSettings
        {
            Data = command.GetRequiredValue(Data).FullName,
            DataSets = command.GetRequiredValue(DataSets),
            Shots = [null],
            Seeds = command.GetValue(Seeds),
            Methods = [new FullFineTuning().MethodName],
            Encoder = EncoderOption.Parse(command.GetRequiredValue(Encoder)),
            Precision = command.GetValue(Precision),
            Epochs = command.GetValue(Epochs),
            BatchSize = command.GetValue(BatchSize),
            LearningRate = command.GetValue(LearningRate),
            Head = command.GetValue(Head),
            MaxLength = command.GetValue(MaxLength),
            MaxTrain = command.GetValue(MaxTrain),
        },
        RandomLearningRate = command.GetValue(RandomLearningRate),
        AdaptEpochs = command.GetValue(AdaptEpochs),
        AdaptLearningRate = command.GetValue(AdaptLearningRate),
        AdaptMaxLength = command.GetValue(AdaptMaxLength),
    };
}
