// Ten labelled texts of each class and many without labels: learns from both, round by round.
//   dotnet run -c Release --project samples/SelfTraining
//   dotnet run -c Release --project samples/SelfTraining -- --help

using System.Diagnostics;
using Microsoft.ML;
using MLNet.FineTune;
using Samples;
using SelfTraining;
using Spectre.Console;

return CommandLine.Run(args, Learn);

static void Learn(Settings settings, CancellationToken cancellation)
{
    Screen.Prepare();
    var ml = new MLContext(settings.Seed);
    DataSplit data = DataSplit.Load(ml, settings);
    IDataView labeled = ml.Data.LoadFromEnumerable(data.Labeled), watched = ml.Data.LoadFromEnumerable(data.Watched), test = ml.Data.LoadFromEnumerable(data.Test);
    AnsiConsole.WriteLine($"{data.Labeled.Length} labelled texts of {data.Labeled.Select(row => row.Intent).Distinct().Count()} classes, {data.Unlabeled.Length} without labels, {data.Watched.Length} to watch the rounds by, {data.Test.Length} to test on");

    var labels = ml.Transforms.Conversion.MapValueToKey("Label", "Intent");
    var training = new TrainingOptions { Epochs = settings.Epochs, BatchSize = 16, CancellationToken = cancellation };
    long start = Stopwatch.GetTimestamp();
    using var supervised = labels.Append(ml.MulticlassClassification.Trainers.FineTune(new TextClassificationOptions
    {
        Sentence1ColumnName = "Text",
        Peft = settings.Peft,
        HeadInitialization = HeadInitialization.LinearProbe,
        Training = training,
    })).Fit(labeled);
    double alone = Accuracy(ml, supervised, watched);
    AnsiConsole.MarkupLineInterpolated($"Labels alone: {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");

    var rounds = new List<SelfTrainingProgress>();
    start = Stopwatch.GetTimestamp();
    using var model = labels.Append(ml.MulticlassClassification.Trainers.SelfTrain(new SelfTrainingOptions
    {
        Sentence1ColumnName = "Text",
        Unlabeled = ml.Data.LoadFromEnumerable(data.Unlabeled),
        UnlabeledLabelColumnName = "Intent", // nothing is learnt from it: it tells how good the pseudo-labels are
        ValidationSet = labels.Fit(labeled).Transform(watched),
        Method = settings.Method,
        Peft = settings.Peft,
        Training = new TrainingOptions { Epochs = settings.Epochs, BatchSize = 16, CancellationToken = cancellation, CheckpointDirectory = settings.CheckpointFolder },
        Progress = new Rounds(rounds),
    })).Fit(labeled);
    AnsiConsole.MarkupLineInterpolated($"[bold]{settings.Method.GetType().Name}[/]: {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s");

    RoundTable.Show(alone, rounds);
    AnsiConsole.MarkupLineInterpolated($"Test: labels alone {Accuracy(ml, supervised, test):F3}, with texts without labels [bold]{Accuracy(ml, model, test):F3}[/]");
    RoundPlot.Save(alone, rounds, settings.PlotFile);
    AnsiConsole.MarkupLineInterpolated($"Accuracy by round: [bold]{Path.GetFullPath(settings.PlotFile)}[/]");
}

static double Accuracy(MLContext ml, ITransformer model, IDataView data) => ml.MulticlassClassification.Evaluate(model.Transform(data)).MicroAccuracy;
