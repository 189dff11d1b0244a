using Microsoft.ML;
using MLNet.FineTune.Tests.Fakes;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.PretrainedModels;

/// <summary>A tiny classifier, trained once and written as Hugging Face has it.</summary>
internal static class WrittenClassifier
{
    private static readonly Lazy<Dictionary<string, byte[]>> Files = new(() =>
    {
        using var folder = new TemporaryFolder();
        using MulticlassTextClassificationTransformer model = Tiny.Fit(new MLContext(7), Options());
        model.SavePretrained(folder.File("model"));
        return Directory.GetFiles(folder.File("model")).ToDictionary(path => Path.GetFileName(path)!, File.ReadAllBytes);
    });

    public static TextClassificationOptions Options(int epochs = 2)
    {
        TextClassificationOptions options = Tiny.Options(epochs: epochs);
        options.Pooling = PoolingMode.Cls;
        return options;
    }

    /// <summary>How such a model is opened so that texts go through it together as they do in training's own.</summary>
    public static PretrainedTextOptions Use(Action<PretrainedTextOptions>? change = null)
    {
        var options = new PretrainedTextOptions { Sentence1ColumnName = nameof(Row.Text), Precision = Precision.Float32, BatchSize = 8 };
        change?.Invoke(options);
        return options;
    }

    /// <summary>Writes the files, with some keys of <c>config.json</c> set; null removes one.</summary>
    public static EncoderSource Write(string path, params (string Key, string? Json)[] changes)
    {
        Directory.CreateDirectory(path);
        foreach ((string name, byte[] content) in Files.Value)
            File.WriteAllBytes(Path.Combine(path, name), content);
        string config = Path.Combine(path, EncoderDirectory.Config);
        var json = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(config))!.AsObject();
        foreach ((string key, string? value) in changes)
            if (value is null)
                json.Remove(key);
            else
                json[key] = System.Text.Json.Nodes.JsonNode.Parse(value);
        File.WriteAllText(config, json.ToJsonString());
        return EncoderSource.FromDirectory(path);
    }
}
