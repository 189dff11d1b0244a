using Microsoft.ML;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Pretraining;

namespace MLNet.FineTune.Tests.BadInput;

/// <summary>Mistakes in pre-training and adaptation, all found before anything is trained.</summary>
internal static class PretrainingCases
{
    private static readonly Type Argument = typeof(ArgumentException);
    private static readonly Type Column = typeof(ArgumentOutOfRangeException);
    private static readonly Type Content = typeof(InvalidOperationException);

    public static BadInputCase[] All { get; } =
    [
        new("pre-training: no data", typeof(ArgumentNullException), w => Workplace.Throwing(() => w.Ml.FineTuning().Pretrain(null!, Encoder(w), w.Written("out"))), "texts"),
        new("pre-training: no encoder", typeof(ArgumentNullException), w => Workplace.Throwing(() => w.Ml.FineTuning().Pretrain(Texts(w), null!, w.Written("out"))), "encoder"),
        new("pre-training: no options", typeof(ArgumentNullException), w => Workplace.Throwing(() => w.Ml.FineTuning().Pretrain(Texts(w), Encoder(w), w.Written("out"), null!)), "options"),
        new("pre-training: no output", Argument, w => Pretrain(w, output: " "), "outputDirectory"),
        new("pre-training: no text column", Column, w => Pretrain(w, o => o.TextColumnName = "Body"), "text column 'Body'", "'Text'"),
        new("pre-training: text column of numbers", Column, w => Pretrain(w, o => o.TextColumnName = "Number"), "'Number'", "text (String)", "Single"),
        new("pre-training: no document column", Column, w => Pretrain(w, o => o.DocumentColumnName = "Article"), "document column 'Article'"),
        new("pre-training: document column of numbers", Column, w => Pretrain(w, o => o.DocumentColumnName = "Number"), "'Number'", "ConvertType"),
        new("pre-training: no heading column", Column, w => Pretrain(w, o => o.HeadingColumnName = "Title"), "heading column 'Title'"),
        new("pre-training: no source column", Column, w => Pretrain(w, o => o.SourceColumnName = "Collection"), "source column 'Collection'"),
        new("pre-training: blank text column name", Argument, w => Pretrain(w, o => o.TextColumnName = ""), "EncoderPretrainingOptions.TextColumnName", "''"),
        new("pre-training: blank document column name", Argument, w => Pretrain(w, o => o.DocumentColumnName = " "), "EncoderPretrainingOptions.DocumentColumnName", "' '"),
        new("pre-training: blank work directory", Argument, w => Pretrain(w, o => o.WorkDirectory = ""), "EncoderPretrainingOptions.WorkDirectory", "a path"),
        new("pre-training: no list of excluded texts", Argument, w => Pretrain(w, o => o.ExcludedTexts = null!), "EncoderPretrainingOptions.ExcludedTexts", "is null", "texts"),
        new("pre-training: no excluded text", Argument, w => Pretrain(w, o => o.ExcludedTexts = ["money back", null!]), "EncoderPretrainingOptions.ExcludedTexts", "a list with null in it"),
        new("pre-training: all texts excluded", Argument, w => Pretrain(w, o => o.ExcludedTexts = ["money back money back money"], ToyTexts.View(w.Ml, ["money back money back money", "Money back, money back: money!"])), "no text to train on"),
        new("pre-training: no pre-training options", Argument, w => Pretrain(w, o => o.Pretraining = null!), "EncoderPretrainingOptions.Pretraining", "null"),
        new("pre-training: nothing to learn", Argument, w => Pretrain(w, o => o.Pretraining.MaskedLanguageModeling = null), "nothing to learn", "Contrastive"),
        new("pre-training: rate out of range", Argument, w => Pretrain(w, o => o.Pretraining.MaskedLanguageModeling!.Rate = 1), "MaskedLanguageModeling.Rate", "is 1", "below 1"),
        new("pre-training: length above the encoder's", Argument, w => Pretrain(w, o => o.Pretraining.MaxLength = 64), "MaxLength is 64", "at most 32"),
        new("pre-training: epochs out of range", Argument, w => Pretrain(w, o => o.Pretraining.Training.Epochs = 0), "TrainingOptions.Epochs", "is 0"),
        new("pre-training: pairs of headings without a column", Argument, w => Pretrain(w, o => o.Pretraining.Contrastive = new ContrastiveLearning { Pairs = PassagePairs.Heading }), "HeadingColumnName", "null", "Heading"),
        new("pre-training: no rows", Content, w => Pretrain(w, texts: w.Ml.Data.FilterRowsByColumn(Texts(w), "Number", lowerBound: 1000)), "corpus has no rows"),
        new("pre-training: no text in any row", Content, w => Pretrain(w, texts: ToyTexts.View(w.Ml, [null, "", " "])), "None of the 3 rows", "'Text'", "null or empty"),
        new("pre-training: no rows for a new encoder", Content, w => Pretrain(w, texts: w.Ml.Data.FilterRowsByColumn(Texts(w), "Number", lowerBound: 1000), encoder: Fixtures.Tiny.Encoder()), "corpus has no rows"),
        new("pre-training: a source for each text", Argument, w => Pretrain(w, o => o.SourceColumnName = "Source", w.Ml.Data.LoadFromEnumerable(Enumerable.Range(0, 65537).Select(i => new CorpusRow { Text = "money", Source = $"{i}" }))), "more than 65536 sources"),
        new("pre-training: one text", Argument, w => Pretrain(w, texts: ToyTexts.View(w.Ml, ["money back"])), "1 passages", "2 at least"),
        new("pre-training: output is a file", typeof(IOException), w => Pretrain(w, output: WriteFile(w, "file")), "is a file"),
        new("pre-training: output is below a file", typeof(IOException), w => Pretrain(w, output: Path.Combine(WriteFile(w, "file"), "a", "b")), "cannot be made", "is a file"),
        new("pre-training: output holds something else", typeof(IOException), w => Pretrain(w, output: Path.GetDirectoryName(WriteFile(w, "work/thesis.txt"))), "holds files that are no encoder's", "not overwritten"),
        new("pre-training: output is the encoder itself", Argument, w => Pretrain(w, output: w.Given("encoder")), "trained from", "another folder"),
        new("pre-training: output is above the encoder", Argument, w =>
        {
            Fixtures.EncoderDirectory.Write(w.Given("outer"));
            Pretrain(w, encoder: EncoderSource.FromDirectory(Fixtures.EncoderDirectory.Write(w.Given("outer/encoder"))), output: w.Given("outer"));
        }, "trained from", "another folder"),
        new("pre-training: work directory inside the output", Argument, w => Pretrain(w, o => o.WorkDirectory = w.Written("out/work")), "WorkDirectory", "inside it"),
        new("pre-training: checkpoints in the output", Argument, w => Pretrain(w, o => o.Pretraining.Training.CheckpointDirectory = w.Written("out")), "CheckpointDirectory", "output directory"),
        new("pre-training: checkpoint directory is a file", typeof(IOException), w => Pretrain(w, o => o.Pretraining.Training.CheckpointDirectory = WriteFile(w, "file")), "CheckpointDirectory", "which is a file"),
        new("pre-training: GPU that is not there", Content, w => Pretrain(w, o => (o.GpuDeviceId, o.FallbackToCpu) = (99, false)), "GPU 99"),
        new("pre-training: encoder directory is not there", typeof(DirectoryNotFoundException), w => Pretrain(w, encoder: EncoderSource.FromDirectory(w.Given("nowhere"))), "nowhere"),
        new("pre-training: encoder without mask token", typeof(NotSupportedException), w => Pretrain(w, encoder: Unmasked(w)), "no mask token"),
        new("pre-training: training diverges", typeof(TrainingDivergedException), w => Pretrain(w, o => o.Pretraining.Training.LearningRate = 1e30), "diverged at step"),

        new("adaptation: no options", typeof(ArgumentNullException), w => Workplace.Throwing(() => w.Ml.Transforms.Text.AdaptEncoder(null!)), "options"),
        new("adaptation: no catalog", typeof(ArgumentNullException), w => Workplace.Throwing(() => ((TransformsCatalog.TextTransforms)null!).AdaptEncoder(Options(w, _ => { }))), "catalog"),
        new("adaptation: no encoder", Argument, w => Adapt(w, o => o.Encoder = null!), "EncoderAdaptationOptions.Encoder", "FromDirectory"),
        new("adaptation: no output", Argument, w => Adapt(w, o => o.OutputDirectory = ""), "EncoderAdaptationOptions.OutputDirectory", "a path"),
        new("adaptation: no texts", Argument, w => Adapt(w, o => o.TaskTexts = null), "EncoderAdaptationOptions.TaskTexts", "DomainTexts"),
        new("adaptation: blank column name", Argument, w => Adapt(w, o => o.TaskTextColumnName = ""), "EncoderAdaptationOptions.TaskTextColumnName"),
        new("adaptation: no text column in the task", Column, w => Adapt(w, o => o.TaskTextColumnName = "Body"), "'Body'", "TaskTexts"),
        new("adaptation: no text column in the domain", Column, w => Adapt(w, o => (o.DomainTexts, o.DomainTextColumnName) = (Texts(w), "Body")), "'Body'", "DomainTexts"),
        new("adaptation: no rows in the task", Content, w => Adapt(w, o => o.TaskTexts = w.Ml.Data.FilterRowsByColumn(Texts(w), "Number", lowerBound: 1000)), "task's texts has no rows"),
        new("adaptation: options of a phase", Argument, w => Adapt(w, o => o.DomainPretraining.Training.BatchSize = 0), "TrainingOptions.BatchSize", "is 0"),
        new("adaptation: no options of a phase", Argument, w => Adapt(w, o => o.TaskPretraining = null!), "EncoderAdaptationOptions.TaskPretraining", "null"),
        new("adaptation: checkpoints of a phase alone", Argument, w => Adapt(w, o => o.TaskPretraining.Training.CheckpointDirectory = w.Written("checkpoints")), "TaskPretraining.Training.CheckpointDirectory", "EncoderAdaptationOptions.CheckpointDirectory"),
        new("adaptation: selection without a domain", Argument, w => Adapt(w, o => o.Selection = new DomainSelection()), "EncoderAdaptationOptions.DomainTexts", "Selection"),
        new("adaptation: selection without a task", Argument, w => Adapt(w, o => (o.TaskTexts, o.DomainTexts, o.Selection) = (null, Texts(w), new DomainSelection())), "EncoderAdaptationOptions.TaskTexts", "Selection"),
        new("adaptation: no neighbours", Argument, w => Adapt(w, o => (o.DomainTexts, o.Selection) = (Texts(w), new DomainSelection { NeighborCount = 0 })), "DomainSelection.NeighborCount", "at least 1"),
        new("adaptation: unknown way to select", Argument, w => Adapt(w, o => (o.DomainTexts, o.Selection) = (Texts(w), new DomainSelection { Method = (DomainSelectionMethod)9 })), "DomainSelection.Method", "Random"),
        new("adaptation: selection by a new encoder", Argument, w => Adapt(w, o => (o.DomainTexts, o.Selection) = (Texts(w), new DomainSelection { Encoder = Fixtures.Tiny.Encoder() })), "new encoder", "random until it is trained"),
        new("adaptation: checkpoints in the output", Argument, w => Adapt(w, o => o.CheckpointDirectory = w.Written("out/checkpoints")), "CheckpointDirectory", "inside it"),
        new("adaptation: output holds something else", typeof(IOException), w => Adapt(w, o => o.OutputDirectory = Path.GetDirectoryName(WriteFile(w, "work/thesis.txt"))!), "holds files that are no encoder's"),
        new("adaptation: damaged note of an interrupted run", typeof(InvalidDataException), w => Adapt(w, o =>
        {
            Directory.CreateDirectory(w.Given("checkpoints"));
            File.WriteAllText(w.Given("checkpoints/domain-encoder.json"), "{");
            (o.DomainTexts, o.CheckpointDirectory) = (Texts(w), w.Given("checkpoints"));
        }), "domain-encoder.json", "ResumeFromCheckpoint"),

        new("selecting: no neighbours", Column, w => Select(w, neighborCount: 0), "neighborCount"),
        new("selecting: no text column", Column, w => Select(w, column: "Body"), "'Body'", "taskTexts"),
        new("selecting: no rows", Content, w => Select(w, task: w.Ml.Data.FilterRowsByColumn(Texts(w), "Number", lowerBound: 1000)), "task's texts has no rows"),
    ];

    private static void Pretrain(Workplace w, Action<EncoderPretrainingOptions>? change = null, IDataView? texts = null, EncoderSource? encoder = null, string? output = null)
    {
        var options = new EncoderPretrainingOptions { Pretraining = ToyTexts.Options() };
        change?.Invoke(options);
        (encoder, texts) = (encoder ?? Encoder(w), texts ?? Texts(w));
        Workplace.Throwing(() => w.Ml.FineTuning().Pretrain(texts, encoder, output ?? w.Written("out"), options));
    }

    private static void Adapt(Workplace w, Action<EncoderAdaptationOptions> change)
    {
        EncoderAdaptationOptions options = Options(w, change);
        Workplace.Throwing(() => w.Ml.Transforms.Text.AdaptEncoder(options));
    }

    private static EncoderAdaptationOptions Options(Workplace w, Action<EncoderAdaptationOptions> change)
    {
        var options = new EncoderAdaptationOptions { Encoder = Encoder(w), OutputDirectory = w.Written("out"), TaskTexts = Texts(w), TaskPretraining = ToyTexts.Options(), DomainPretraining = ToyTexts.Options() };
        change(options);
        return options;
    }

    private static void Select(Workplace w, int neighborCount = 1, string column = "Text", IDataView? task = null)
    {
        (EncoderSource encoder, task) = (Encoder(w), task ?? Texts(w));
        Workplace.Throwing(() => w.Ml.FineTuning().SelectNearestTexts(Texts(w), task, encoder, neighborCount, column));
    }

    private static IDataView Texts(Workplace w) => ToyTexts.View(w.Ml, ToyTexts.Make(20, 1));

    private static EncoderSource Encoder(Workplace w) => EncoderSource.FromDirectory(Fixtures.EncoderDirectory.Write(w.Given("encoder")));

    private static EncoderSource Unmasked(Workplace w) => EncoderSource.FromDirectory(Fixtures.EncoderDirectory.Write(w.Given("unmasked"),
        (name, content) => name.EndsWith(".json", StringComparison.Ordinal) && name != Fixtures.EncoderDirectory.Config ? null
            : name == Fixtures.EncoderDirectory.Vocabulary ? System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(content).Replace("[MASK]", "[none]", StringComparison.Ordinal)) : content));

    private static string WriteFile(Workplace w, string name)
    {
        string path = w.Given(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "");
        return path;
    }
}
