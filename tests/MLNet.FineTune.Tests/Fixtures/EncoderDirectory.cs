using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Tests.Fakes;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Fixtures;

/// <summary>A tiny encoder's files, as a directory in Hugging Face's layout.</summary>
internal static class EncoderDirectory
{
    public const string Weights = CheckpointDirectory.Safetensors;
    public const string Config = "config.json";
    public const string Vocabulary = "vocab.txt";

    /// <summary>The files' contents, made once.</summary>
    public static IReadOnlyDictionary<string, byte[]> Files { get; } = Make(seed: 1);

    /// <summary>Writes the files, some of them changed.</summary>
    /// <param name="path">The directory, which is made.</param>
    /// <param name="change">Gives the content of a file from its name and true content; null for none.</param>
    /// <returns><paramref name="path"/>.</returns>
    public static string Write(string path, Func<string, byte[], byte[]?>? change = null)
    {
        Directory.CreateDirectory(path);
        foreach ((string name, byte[] content) in Files)
            if ((change is null ? content : change(name, content)) is { } bytes)
                File.WriteAllBytes(Path.Combine(path, name), bytes);
        return path;
    }

    /// <summary>The weights with other values, of the same shapes.</summary>
    public static byte[] OtherWeights { get; } = Make(seed: 2)[Weights];

    /// <summary>The configuration with some keys set; null removes one.</summary>
    public static byte[] ConfigWith(params (string Key, JsonNode? Value)[] changes)
    {
        JsonObject json = JsonNode.Parse(Files[Config])!.AsObject();
        foreach ((string key, JsonNode? value) in changes)
            if (value is null)
                json.Remove(key);
            else
                json[key] = value;
        return System.Text.Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    /// <summary>The weights with the list of tensors changed.</summary>
    public static byte[] WeightsWith(Action<Dictionary<string, Tensor>> change)
    {
        using DisposeScope scope = NewDisposeScope();
        using SafetensorsFile file = SafetensorsFile.Parse(Files[Weights], Weights);
        Dictionary<string, Tensor> tensors = file.Tensors.Keys.ToDictionary(name => name, name => file.Read(name));
        change(tensors);
        return Safetensors(tensors);
    }

    private static Dictionary<string, byte[]> Make(int seed)
    {
        NativeBackend.EnsureLoaded();
        manual_seed(seed);
        using DisposeScope scope = NewDisposeScope();
        using PretrainedEncoder encoder = Tiny.Encoder().Open(Tiny.Make(60).Select(row => row.Text!));
        using TaskModel model = encoder.CreateClassifier(new(2), CPU);
        var files = encoder.Tokenizer.Files.ToDictionary(file => file.Key, file => file.Value);
        files[Config] = System.Text.Encoding.UTF8.GetBytes(encoder.Config.Source.ToJsonString());
        files[Weights] = Safetensors(model.named_parameters().Where(p => p.name.StartsWith("encoder.", StringComparison.Ordinal)).Select(p => new KeyValuePair<string, Tensor>(model.Names.Tensor(p.name), p.parameter)));
        return files;
    }

    private static byte[] Safetensors(IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, tensors);
        return stream.ToArray();
    }
}
