// Eight examples of each intent are enough: learns, tests, saves, plots the embeddings before and after, and classifies what is typed.
//   dotnet run -c Release --project samples/FewShotIntents
//   dotnet run -c Release --project samples/FewShotIntents -- --help

using System.Diagnostics;
using FewShotIntents;
using Microsoft.Extensions.AI;
using Microsoft.ML;
using MLNet.FineTune;
using Samples;
using Spectre.Console;

return CommandLine.Run(args, Learn);

static void Learn(Settings settings, CancellationToken cancellation)
{
    Screen.Prepare();
    var ml = new MLContext(settings.Seed);
    SupportRequest[] all = Load(ml, "train.tsv"), test = Load(ml, "test.tsv");
    var random = new Random(settings.Seed);
    SupportRequest[] few = [.. all.GroupBy(row => row.Intent).OrderBy(group => group.Key, StringComparer.Ordinal).SelectMany(group => Shuffled(group, random).Take(settings.Shots))];
    AnsiConsole.WriteLine($"{few.Length} examples of {few.Select(row => row.Intent).Distinct().Count()} intents to learn from, {test.Length} texts to test on");

    long start = Stopwatch.GetTimestamp();
    var pipeline = ml.Transforms.Conversion.MapValueToKey("Label", "Intent")
        .Append(ml.MulticlassClassification.Trainers.SetFit(new SetFitOptions
        {
            Sentence1ColumnName = "Text",
            Peft = settings.Method,
            Training = { CancellationToken = cancellation },
        }))
        .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedIntent", "PredictedLabel"));
    var model = pipeline.Fit(ml.Data.LoadFromEnumerable(few));
    AnsiConsole.MarkupLineInterpolated($"Learnt in [bold]{Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s[/]");
    double accuracy = ml.MulticlassClassification.Evaluate(model.Transform(ml.Data.LoadFromEnumerable(test))).MicroAccuracy;
    AnsiConsole.MarkupLineInterpolated($"Accuracy on texts that were not learnt: [bold]{accuracy:F3}[/]");

    ml.FineTuning().SaveModel(model, ml.Data.LoadFromEnumerable(few).Schema, settings.ModelFile);
    AnsiConsole.MarkupLineInterpolated($"Model: [bold]{Path.GetFullPath(settings.ModelFile)}[/]");

    string[] texts = [.. test.Select(row => row.Text)];
    using var before = ml.FineTuning().CreateEmbeddingGenerator();
    using var after = model.AsEmbeddingGenerator();
    EmbeddingPlot.Save(Embed(before, texts, cancellation), Embed(after, texts, cancellation), [.. test.Select(row => row.Intent)], settings.PlotFile);
    AnsiConsole.MarkupLineInterpolated($"Embeddings before and after: [bold]{Path.GetFullPath(settings.PlotFile)}[/]");

    using var engine = ml.Model.CreatePredictionEngine<SupportRequest, Prediction>(model);
    if (!Console.IsInputRedirected)
        AnsiConsole.MarkupLine("Type a request; an empty line ends.");
    while (Console.ReadLine() is { } line && line.Trim().Length > 0)
    {
        Prediction prediction = engine.Predict(new SupportRequest { Text = line });
        AnsiConsole.MarkupLineInterpolated($"  [bold]{prediction.PredictedIntent}[/] ({prediction.Probabilities.Max():P0})");
    }
}

static SupportRequest[] Load(MLContext ml, string file) =>
    [.. ml.Data.CreateEnumerable<SupportRequest>(ml.Data.LoadFromTextFile<SupportRequest>(Path.Combine(AppContext.BaseDirectory, "data", file), hasHeader: true), reuseRowObject: false)];

static float[][] Embed(IEmbeddingGenerator<string, Embedding<float>> generator, string[] texts, CancellationToken cancellation) =>
    [.. generator.GenerateAsync(texts, cancellationToken: cancellation).GetAwaiter().GetResult().Select(embedding => embedding.Vector.ToArray())];

static SupportRequest[] Shuffled(IEnumerable<SupportRequest> rows, Random random)
{
    SupportRequest[] shuffled = [.. rows];
    random.Shuffle(shuffled);
    return shuffled;
}
