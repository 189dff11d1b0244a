using Microsoft.ML;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.BadInput;

/// <summary>Options out of range, refused by the catalog method, before there is any data.</summary>
internal static class OptionCases
{
    public static BadInputCase[] All { get; } =
    [
        Null("no options", w => w.Ml.MulticlassClassification.Trainers.FineTune((TextClassificationOptions)null!), "options"),
        Null("no binary options", w => w.Ml.BinaryClassification.Trainers.FineTune((TextClassificationOptions)null!), "options"),
        Null("no catalog", w => ((MulticlassClassificationCatalog.MulticlassClassificationTrainers)null!).FineTune(w.Options()), "catalog"),
        Argument("no epochs, simple arguments", w => w.Ml.BinaryClassification.Trainers.FineTune(Tiny.Encoder(), epochs: 0), "Epochs", "0", "at least 1"),

        Option("Encoder", o => o.Encoder = null!, "null", "FromDirectory"),
        Option("Peft", o => o.Peft = null!, "null", "Lora"),
        Option("Training", o => o.Training = null!, "null", "TrainingOptions"),
        Option("MaxLength", o => o.MaxLength = 2, "is 2", "at least 3"),
        Option("Pooling", o => o.Pooling = (PoolingMode)9, "is 9", "Mean"),
        Option("Truncation", o => o.Truncation = (Truncation)9, "is 9", "LongestFirst"),
        Option("Precision", o => o.Precision = (Precision)9, "is 9", "BFloat16"),
        Option("SavedWeights", o => o.SavedWeights = (SavedWeights)9, "is 9", "Embedded"),
        Named("AdapterOnly with full fine-tuning", o => (o.SavedWeights, o.Peft) = (SavedWeights.AdapterOnly, new FullFineTuning()), "SavedWeights", "AdapterOnly", "'full'", "Lora"),
        Named("label is also the text", o => o.LabelColumnName = "Text", "'Text'", "both"),
        Named("blank text column name", o => o.Sentence1ColumnName = " ", "sentence1ColumnName"),
        Named("blank second text column name", o => o.Sentence2ColumnName = "", "sentence2ColumnName"),
        Named("blank label column name", o => o.LabelColumnName = "", "labelColumnName"),
        Named("blank weight column name", o => o.ExampleWeightColumnName = "", "exampleWeightColumnName"),
        Named("blank score column name", o => o.ScoreColumnName = "", "scoreColumnName"),
        Named("blank predicted label column name", o => o.PredictedLabelColumnName = "", "predictedLabelColumnName"),
        Named("two outputs of one name", o => o.ScoreColumnName = o.PredictedLabelColumnName = "Out", "'Out'"),
        Named("probability has the name of the score", o => o.ProbabilityColumnName = "Score", "'Score'", "probability"),

        Training("Epochs", o => o.Epochs = 0, "is 0", "at least 1"),
        Training("MaxSteps", o => o.MaxSteps = 0, "is 0", "at least 1"),
        Training("MaxDuration", o => o.MaxDuration = TimeSpan.Zero, "00:00:00", "above zero"),
        Training("BatchSize", o => o.BatchSize = -1, "is -1", "at least 1"),
        Training("AccumulationSteps", o => o.AccumulationSteps = 0, "is 0", "at least 1"),
        Training("LearningRate", o => o.LearningRate = double.NaN, "NaN", "above 0"),
        Training("WeightDecay", o => o.WeightDecay = -0.5, "-0.5", "0 or more"),
        Training("Beta1", o => o.Beta1 = 1, "is 1", "below 1"),
        Training("Beta2", o => o.Beta2 = -1, "is -1", "below 1"),
        Training("Epsilon", o => o.Epsilon = 0, "is 0", "above 0"),
        Training("Schedule", o => o.Schedule = (LearningRateSchedule)9, "is 9", "Cosine"),
        Training("WarmupRatio", o => o.WarmupRatio = 1.5, "1.5", "0 to 1"),
        Training("WarmupSteps", o => o.WarmupSteps = -1, "is -1", "at least 0"),
        Training("MaxGradientNorm", o => o.MaxGradientNorm = 0, "is 0", "above 0"),
        Training("LayerwiseLearningRateDecay", o => o.LayerwiseLearningRateDecay = 0, "is 0", "up to 1"),
        Training("LabelSmoothing", o => o.LabelSmoothing = 1, "is 1", "below 1"),
        Training("ClassWeighting", o => o.ClassWeighting = (ClassWeighting)9, "is 9", "Balanced"),
        Training("ClassWeights", o => o.ClassWeights = [1, float.NaN], "[1, NaN]", "finite"),
        Training("ValidationFraction", o => o.ValidationFraction = 1, "is 1", "below 1"),
        Training("ValidationMetric", o => o.ValidationMetric = (ValidationMetric)99, "is 99", "Accuracy"),
        Training("EvaluateEverySteps", o => o.EvaluateEverySteps = 0, "is 0", "at least 1"),
        Training("EarlyStoppingPatience", o => o.EarlyStoppingPatience = 0, "is 0", "at least 1"),
        Training("CheckpointEverySteps", o => o.CheckpointEverySteps = 0, "is 0", "at least 1"),
        Training("CheckpointDirectory", o => o.CheckpointDirectory = " ", "a path"),
        Training("TensorBoardDirectory", o => o.TensorBoardDirectory = "", "a path"),

        Lora("Rank", new Lora { Rank = 0 }, "is 0", "1 to"),
        Lora("Alpha", new Lora { Alpha = float.NaN }, "NaN", "above 0"),
        Lora("Dropout", new Lora { Dropout = 1 }, "is 1", "below 1"),
        Lora("Targets", new Lora { Targets = TargetModules.None }, "None", "TargetPattern"),
        Lora("TargetPattern", new Lora { TargetPattern = "(query" }, "(query", "regular expression"),

        Scratch("LayerCount", new ScratchEncoderOptions { LayerCount = -1 }, "is -1", "at least 0"),
        Scratch("HiddenSize", new ScratchEncoderOptions { HiddenSize = 30, HeadCount = 4 }, "is 30", "multiple", "4"),
        Scratch("VocabularySize", new ScratchEncoderOptions { VocabularySize = 10 }, "is 10", "at least 100"),
        Scratch("MaxLength", new ScratchEncoderOptions { MaxLength = 4 }, "is 4", "at least 8"),
        Scratch("StartFrom", new ScratchEncoderOptions { StartFrom = Fixtures.Tiny.Encoder() }, "is a new encoder", "trained weights"),
        Scratch("Dropout", new ScratchEncoderOptions { Dropout = -0.1 }, "-0.1", "at least 0"),

        new("encoder directory has no name", typeof(ArgumentException), _ => Workplace.Throwing(() => EncoderSource.FromDirectory(" ")), "path"),
        new("encoder directory is null", typeof(ArgumentNullException), _ => Workplace.Throwing(() => EncoderSource.FromDirectory(null!)), "path"),
        new("hub id is no id", typeof(ArgumentException), _ => Workplace.Throwing(() => EncoderSource.FromHub("models/../secret")), "'models/../secret'", "owner/name", "FromDirectory"),
        new("hub revision is no revision", typeof(ArgumentException), _ => Workplace.Throwing(() => EncoderSource.FromHub("owner/name", "a b")), "'a b'", "branch, tag or commit"),
    ];

    private static BadInputCase Named(string name, Action<TextClassificationOptions> change, params string[] says) =>
        Argument(name, w => w.Ml.MulticlassClassification.Trainers.FineTune(w.Options(change)), says);

    private static BadInputCase Option(string option, Action<TextClassificationOptions> change, params string[] says) =>
        Named($"TextClassificationOptions.{option}", change, [$"TextClassificationOptions.{option}", .. says]);

    /// <summary>Through the binary trainer, so that both are seen to check.</summary>
    private static BadInputCase Training(string option, Action<TrainingOptions> change, params string[] says) =>
        Argument($"TrainingOptions.{option}", w => w.Ml.BinaryClassification.Trainers.FineTune(w.Options(o => change(o.Training))), [$"TrainingOptions.{option}", .. says]);

    private static BadInputCase Lora(string option, Lora lora, params string[] says) => Named($"Lora.{option}", o => o.Peft = lora, [$"Lora.{option}", .. says]);

    private static BadInputCase Scratch(string option, ScratchEncoderOptions options, params string[] says) =>
        new($"ScratchEncoderOptions.{option}", typeof(ArgumentException), _ => Workplace.Throwing(() => EncoderSource.FromScratch(options)), [$"ScratchEncoderOptions.{option}", .. says]);

    private static BadInputCase Argument(string name, Action<Workplace> act, params string[] says) => new(name, typeof(ArgumentException), w => Workplace.Throwing(() => act(w)), says);

    private static BadInputCase Null(string name, Action<Workplace> act, string parameter) => new(name, typeof(ArgumentNullException), w => Workplace.Throwing(() => act(w)), parameter);
}
