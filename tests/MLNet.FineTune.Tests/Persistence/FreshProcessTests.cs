using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.Persistence;

/// <summary>A zip loads in a process in which nothing was registered with ML.NET, and in which nothing of the library was even loaded: ML.NET finds it from the zip.</summary>
[TestClass]
public sealed class FreshProcessTests
{
    public const string ScoreVerb = "score";

    /// <summary>One process scores the zips of all methods, multiclass inside a chain and binary alone, and one of embeddings under a trainer of ML.NET's; the scores and vectors are those of this process to the bit.</summary>
    [TestMethod]
    public async Task Saved_models_score_the_same_in_another_process()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(7);
        IDataView data = ml.Data.LoadFromEnumerable(Rows.Make(20));
        foreach (string method in Tiny.Methods)
        {
            ITransformer chain = Tiny.FitChain(ml, Tiny.Options(method, pairs: true, epochs: 1));
            ml.Model.Save(chain, data.Schema, folder.File($"multiclass-{method}.zip"));
            File.WriteAllText(folder.File($"multiclass-{method}.txt"), Scores(chain, data));
        }
        TextClassificationOptions options = Tiny.Options("lora", epochs: 1);
        options.LabelColumnName = nameof(Row.Positive);
        using var binary = ml.BinaryClassification.Trainers.FineTune(options).Fit(ml.Data.LoadFromEnumerable(Tiny.Make(40)));
        ml.Model.Save(binary, data.Schema, folder.File("binary.zip"));
        File.WriteAllText(folder.File("binary.txt"), Scores(binary, data));
        var embedding = ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Intent))
            .Append(ml.Transforms.Text.EmbedText(TinyEmbedding.Options(EncoderDirectory.Write(folder.File("encoder")))))
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy())
            .Fit(ml.Data.LoadFromEnumerable(Tiny.Make(40)));
        ml.Model.Save(embedding, data.Schema, folder.File("embedding.zip"));
        File.WriteAllText(folder.File("embedding.txt"), Scores(embedding, data));

        TextClassificationOptions prompted = Tiny.Options(pairs: true, epochs: 1);
        prompted.Prompt = new ClozePrompt { Template = "{Sentence1}? {Mask}, {Sentence2}" };
        ITransformer prompt = Tiny.FitChain(ml, prompted);
        ml.Model.Save(prompt, data.Schema, folder.File("prompt.zip"));
        File.WriteAllText(folder.File("prompt.txt"), Scores(prompt, data));

        var tokens = ml.Transforms.Text.TokenizeIntoWords("Words", nameof(Row.Text)).Append(ml.Transforms.Conversion.MapValueToKey("Label", "Words"))
            .Append(ml.MulticlassClassification.Trainers.FineTuneTokens(Tiny.Encoder(), sentence1ColumnName: "Words", epochs: 1))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedWords", "PredictedLabel"))
            .Fit(ml.Data.LoadFromEnumerable(Tiny.Make(40)));
        ml.Model.Save(tokens, data.Schema, folder.File("tokens.zip"));
        File.WriteAllText(folder.File("tokens.txt"), Scores(tokens, data));

        using var questions = ml.MulticlassClassification.Trainers.FineTuneQuestions(Tiny.Encoder(), contextColumnName: nameof(Row.Text), questionColumnName: nameof(Row.Second), epochs: 1)
            .Fit(ml.Data.LoadFromEnumerable(Enumerable.Range(0, 20).Select(i => new Asked("where is parcel 7?", $"order {i}", $"{i}", "order ".Length))));
        var mapped = ml.Transforms.CopyColumns("PredictedIntent", "PredictedAnswer").Fit(questions.Transform(data));
        ml.Model.Save(questions.Append(mapped), data.Schema, folder.File("questions.zip"));
        File.WriteAllText(folder.File("questions.txt"), Scores(questions.Append(mapped), data));

        await ChildProcess.RunAsync(ScoreVerb, folder.Path);
        string[] models = [.. Directory.GetFiles(folder.Path, "*.zip").Select(path => Path.GetFileNameWithoutExtension(path)!)];
        Assert.HasCount(8, models);
        foreach (string model in models)
            Assert.AreEqual(File.ReadAllText(folder.File($"{model}.txt")), File.ReadAllText(folder.File($"{model}.out")), model);
    }

    /// <summary>The other process.</summary>
    public static void Score(string folder)
    {
        if (AppDomain.CurrentDomain.GetAssemblies().Any(assembly => assembly.GetName().Name is "MLNet.FineTune" or "MLNet.FineTune.Modeling" or "TorchSharp"))
            throw new InvalidOperationException("The library is loaded before any model: the process is not fresh.");
        foreach (string path in Directory.GetFiles(folder, "*.zip"))
        {
            var ml = new MLContext();
            ITransformer model = ml.Model.Load(path, out DataViewSchema _);
            File.WriteAllText(Path.ChangeExtension(path, ".out"), Scores(model, ml.Data.LoadFromEnumerable(Rows.Make(20))));
        }
    }

    private sealed record Asked(string Second, string Text, string Answer, int AnswerStart);

    private static string Scores(ITransformer model, IDataView data)
    {
        IDataView scored = model.Transform(data);
        IEnumerable<float[]> scores = scored.Schema["Score"].Type is VectorDataViewType ? scored.GetColumn<float[]>("Score") : scored.GetColumn<float>("Score").Select(score => new[] { score });
        if (scored.Schema.GetColumnOrNull(TinyEmbedding.Output) is not null)
            scores = scores.Concat(scored.GetColumn<float[]>(TinyEmbedding.Output));
        IEnumerable<string> names = scored.Schema.GetColumnOrNull("PredictedIntent") is null ? [] : scored.GetColumn<string>("PredictedIntent");
        return string.Join('\n', scores.Select(row => string.Join(' ', row.Select(score => score.ToString("R", CultureInfo.InvariantCulture)))).Concat(names));
    }
}
