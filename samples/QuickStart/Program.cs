// Fine-tunes a text classifier with ML.NET, tests it, saves it, loads it back and uses it.
//   dotnet run -c Release --project samples/QuickStart
//   dotnet run -c Release --project samples/QuickStart -- --help

using System.Diagnostics;
using Microsoft.ML;
using MLNet.FineTune;
using QuickStart;
using Samples;
using Spectre.Console;

return CommandLine.Run(args, FineTune);

static void FineTune(Settings settings, CancellationToken cancellation)
{
    var ml = new MLContext(settings.Seed);
    Output.Prepare(ml);

    // The data: tab-separated text and label.
    Output.Heading("Data");
    DataSummary summary = DataFiles.Check(settings.TrainFile, settings.TestFile);
    Output.CheckPlace(settings.ModelFile);
    AnsiConsole.WriteLine($"{summary.TrainRows} texts to train on, {summary.TestRows} to test on, {summary.Labels} labels");
    IDataView train = ml.Data.LoadFromTextFile<SupportRequest>(settings.TrainFile, hasHeader: true);
    IDataView test = ml.Data.LoadFromTextFile<SupportRequest>(settings.TestFile, hasHeader: true);

    // The pipeline: fine-tuning is one step among ML.NET's own.
    Output.Heading("Training");
    EncoderSource encoder = EncoderChoice.Open(settings.Encoder, cancellation);
    var display = new TrainingDisplay();
    var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", "Intent")
        .Append(ml.MulticlassClassification.Trainers.FineTune(new TextClassificationOptions
        {
            Sentence1ColumnName = "Text",
            Encoder = encoder,
            Peft = settings.Peft,
            MaxLength = settings.MaxLength,
            Precision = settings.Precision,
            Training =
            {
                Epochs = settings.Epochs,
                BatchSize = settings.BatchSize,
                LearningRate = settings.LearningRate,
                ValidationFraction = 0.1, // of the training data; the weights that do best on it are kept
                ValidationMetric = ValidationMetric.LogLoss,
                Progress = display,
                CancellationToken = cancellation,
            },
        }))
        .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedIntent", "PredictedLabel"));
    long start = Stopwatch.GetTimestamp();
    using var model = display.Run(() => pipeline.Fit(train));
    AnsiConsole.WriteLine($"Trained in {Output.Since(start)}.");

    // How good it is on texts it has not seen.
    Output.Heading("Test");
    start = Stopwatch.GetTimestamp();
    IDataView scored = model.Transform(test);
    MetricsReport.Show(ml.MulticlassClassification.Evaluate(scored), scored);
    AnsiConsole.WriteLine($"Scored {summary.TestRows} texts in {Output.Since(start)}.");

    // Saved whole or not at all.
    Output.Heading("Model");
    cancellation.ThrowIfCancellationRequested();
    start = Stopwatch.GetTimestamp();
    ml.FineTuning().SaveModel(model, train.Schema, settings.ModelFile);
    AnsiConsole.WriteLine($"Saved {Path.GetFullPath(settings.ModelFile)}, {new FileInfo(settings.ModelFile).Length / 1e6:F1} MB, in {Output.Since(start)}.");

    // It is a normal ML.NET zip: any program that references the library loads and uses it so.
    start = Stopwatch.GetTimestamp();
    var elsewhere = new MLContext();
    using var engine = elsewhere.Model.CreatePredictionEngine<SupportRequest, Prediction>(elsewhere.Model.Load(settings.ModelFile, out _));
    AnsiConsole.WriteLine($"Loaded it in a new MLContext in {Output.Since(start)}.");
    AnsiConsole.WriteLine("Some texts of the test data:");
    foreach (string text in DataFiles.Texts(settings.TestFile, 3))
    {
        Prediction prediction = engine.Predict(new SupportRequest { Text = text });
        AnsiConsole.MarkupLineInterpolated($"  [blue]{text}[/] → [green]{prediction.PredictedIntent}[/], probability {prediction.Score.Max():F3}");
    }
}
