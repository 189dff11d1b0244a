// Searches for the methods with the best accuracy for their number of trained parameters, refits the knee of the front, saves and uses it.
//   dotnet run -c Release --project samples/PeftSweep
//   dotnet run -c Release --project samples/PeftSweep -- --help

using Microsoft.ML;
using MLNet.FineTune;
using PeftSweep;
using Samples;
using Spectre.Console;

return CommandLine.Run(args, Sweep);

static void Sweep(Settings settings, CancellationToken cancellation)
{
    Screen.Prepare();
    var ml = new MLContext(settings.Seed);
    IDataView train = ml.Data.LoadFromTextFile<SupportRequest>(DataFile("train.tsv"), hasHeader: true);
    IDataView test = ml.Data.LoadFromTextFile<SupportRequest>(DataFile("test.tsv"), hasHeader: true);
    var keys = ml.Transforms.Conversion.MapValueToKey("Label", "Intent").Fit(train);
    IDataView keyed = keys.Transform(train);

    var view = new SearchConsole();
    PeftSearchResult result = view.Run(() => ml.FineTuning().SearchPeft(new PeftSearchOptions
    {
        TrainingSet = keyed,
        Trainer = new TextClassificationOptions { Sentence1ColumnName = "Text", Training = { BatchSize = 16 } },
        MaxTrials = settings.Trials,
        MaxDuration = TimeSpan.FromSeconds(settings.Seconds),
        Seed = settings.Seed,
        Progress = view,
        CancellationToken = cancellation,
    }));
    cancellation.ThrowIfCancellationRequested();
    FrontTable.Show(result);
    FrontPlot.Save(result, settings.PlotFile);
    result.WriteReport(settings.ReportFile);
    AnsiConsole.MarkupLineInterpolated($"All {result.Trials.Count} trials: [bold]{Path.GetFullPath(settings.ReportFile)}[/], the front as a plot: [bold]{Path.GetFullPath(settings.PlotFile)}[/]");

    PeftSearchEntry knee = result.Knee();
    AnsiConsole.MarkupLineInterpolated($"Knee of the front: trial {knee.Trial.Number}, [bold]{knee.MethodText}[/]; it learns once more, from all texts");
    using TextClassificationTransformer model = knee.Refit(keyed, cancellationToken: cancellation);
    double accuracy = ml.MulticlassClassification.Evaluate(model.Transform(keys.Transform(test))).MicroAccuracy;
    AnsiConsole.MarkupLineInterpolated($"Accuracy on texts that were not learnt: [bold]{accuracy:F3}[/]");

    ITransformer names = ml.Transforms.Conversion.MapKeyToValue("PredictedIntent", "PredictedLabel").Fit(model.Transform(keyed));
    ml.FineTuning().SaveModel(keys.Append(model).Append(names), train.Schema, settings.ModelFile);
    ITransformer loaded = new MLContext().Model.Load(settings.ModelFile, out _);
    using var engine = ml.Model.CreatePredictionEngine<SupportRequest, Prediction>(loaded);
    const string text = "Where is my parcel? It should have come yesterday.";
    AnsiConsole.MarkupLineInterpolated($"Saved, loaded and asked: [bold]{Path.GetFullPath(settings.ModelFile)}[/]\n  {text} → [bold]{engine.Predict(new SupportRequest { Text = text }).PredictedIntent}[/]");
}

static string DataFile(string name) => Path.Combine(AppContext.BaseDirectory, "data", name);
