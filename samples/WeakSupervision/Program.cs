// A classifier without a labelled text: rules in C#, a label model that makes labels of what they say, and training on those.
//   dotnet run -c Release --project samples/WeakSupervision
//   dotnet run -c Release --project samples/WeakSupervision -- --help

using System.Diagnostics;
using Microsoft.ML;
using MLNet.FineTune;
using Samples;
using Spectre.Console;
using WeakSupervision;

return CommandLine.Run(args, Learn);

static void Learn(Settings settings, CancellationToken cancellation)
{
    Screen.Prepare();
    var ml = new MLContext(settings.Seed);
    IDataView train = Load(ml, "train.tsv"), test = Load(ml, "test.tsv");
    string[] truth = Truth(ml, train), testTruth = Truth(ml, test);

    // 1. Rules vote. The true labels are there to see how good the rules are; nothing below learns from them.
    LabelingFunctions<SupportRequest> rules = Rules.Create();
    IDataView votes = ml.FineTuning().ApplyLabelingFunctions(train, rules);
    AnsiConsole.WriteLine(ml.FineTuning().DescribeLabelingFunctions(votes, labelColumnName: "Intent").ToTable());

    // 2. Label models make labels of the votes.
    var labelModels = LabelModels.All.ToDictionary(model => model.Key, model => ml.FineTuning().FitLabelModel(votes, new LabelModelOptions { Method = model.Value }));
    Tables.LabelModels(labelModels.Select(model =>
    {
        int[] labels = model.Value.Labels;
        int[] labeled = [.. Enumerable.Range(0, labels.Length).Where(row => labels[row] >= 0)];
        return (model.Key, labeled.Length / (double)labels.Length, labeled.Count(row => Rules.Intents[labels[row]] == truth[row]) / (double)labeled.Length);
    }));

    // 3. Encoders learn from the labels, and so classify what no rule speaks of.
    LabelModelTransformer chosen = labelModels[settings.LabelModel].Model;
    IDataView weak = chosen.Transform(votes);
    var results = new List<(string Name, double Accuracy, double Seconds)>
    {
        ($"rules ({settings.LabelModel})", Accuracy(ml, chosen.Transform(ml.FineTuning().ApplyLabelingFunctions(test, rules)), "WeakLabel", testTruth), 0),
    };
    void Compare(string name, IEstimator<ITransformer> trainer)
    {
        long start = Stopwatch.GetTimestamp();
        ITransformer model = trainer.Fit(weak);
        using var owner = (IDisposable)model;
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        results.Add((name, Accuracy(ml, model.Transform(test), "PredictedLabel", testTruth), seconds));
        AnsiConsole.MarkupLineInterpolated($"{name}: {seconds:F1} s");
    }

    var training = new TrainingOptions { Epochs = settings.Epochs, BatchSize = 16, CancellationToken = cancellation };
    // Rows without a label are skipped here, and learnt from by COSINE.
    Compare("fine-tuned on the labels", ml.MulticlassClassification.Trainers.FineTune(new TextClassificationOptions
    {
        LabelColumnName = "WeakLabel",
        Sentence1ColumnName = "Text",
        HeadInitialization = HeadInitialization.LinearProbe,
        Training = training,
    }));
    Compare("COSINE, also on texts without one", ml.MulticlassClassification.Trainers.SelfTrain(new SelfTrainingOptions
    {
        LabelColumnName = "WeakLabel",
        Sentence1ColumnName = "Text",
        Method = new Cosine { Steps = settings.Steps, UpdateEverySteps = Math.Max(1, settings.Steps / 3), ConfidenceThreshold = 0.3 },
        Training = training,
    }));
    Tables.Accuracies(results);
}

static IDataView Load(MLContext ml, string file) => ml.Data.LoadFromTextFile<SupportRequest>(Path.Combine(AppContext.BaseDirectory, "data", file), hasHeader: true);

static string[] Truth(MLContext ml, IDataView data) => [.. ml.Data.CreateEnumerable<SupportRequest>(data, reuseRowObject: false).Select(row => row.Intent)];

// A text without a label counts as wrong.
static double Accuracy(MLContext ml, IDataView scored, string column, string[] truth)
{
    IDataView named = ml.Transforms.Conversion.MapKeyToValue("Predicted", column).Fit(scored).Transform(scored);
    return ml.Data.CreateEnumerable<Prediction>(named, reuseRowObject: false).Zip(truth).Average(row => row.First.Predicted == row.Second ? 1.0 : 0.0);
}
