// The same task learnt by several parameter-efficient methods: what each of them trains, and how good it gets.
//   dotnet run -c Release --project samples/PeftTour
//   dotnet run -c Release --project samples/PeftTour -- --help

using System.Diagnostics;
using Microsoft.ML;
using MLNet.FineTune;
using PeftTour;
using Samples;
using Spectre.Console;

return CommandLine.Run(args, Compare);

static void Compare(Settings settings, CancellationToken cancellation)
{
    Screen.Prepare();
    var ml = new MLContext(settings.Seed);
    IDataView train = ml.Data.LoadFromTextFile<SupportRequest>(DataFile("train.tsv"), hasHeader: true);
    IDataView test = ml.Data.LoadFromTextFile<SupportRequest>(DataFile("test.tsv"), hasHeader: true);

    var results = new List<Result>();
    foreach (string text in settings.Methods)
    {
        PeftMethod method = PeftMethod.Parse(text);
        AnsiConsole.MarkupLineInterpolated($"[bold]{method.Format()}[/]");
        long start = Stopwatch.GetTimestamp();
        var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", "Intent")
            .Append(ml.MulticlassClassification.Trainers.FineTune(new TextClassificationOptions
            {
                Sentence1ColumnName = "Text",
                Peft = method,
                Training = { Epochs = settings.Epochs, BatchSize = 16, CancellationToken = cancellation },
            }));
        using var model = pipeline.Fit(train);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double accuracy = ml.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy;
        ParameterReport parameters = model.LastTransformer.DescribeParameters();
        results.Add(new Result(method, accuracy, parameters.TrainableCount, parameters.TrainableShare, seconds));
    }
    ResultTable.Show(results);
    ScatterPlot.Save(results, settings.PlotFile);
    AnsiConsole.MarkupLineInterpolated($"Accuracy against trained parameters: [bold]{Path.GetFullPath(settings.PlotFile)}[/]");
}

static string DataFile(string name) => Path.Combine(AppContext.BaseDirectory, "data", name);
