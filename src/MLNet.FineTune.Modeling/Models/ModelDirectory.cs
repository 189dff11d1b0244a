using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Models;

/// <summary>Writes directories in Hugging Face's layout: all of one, or nothing.</summary>
internal static class ModelDirectory
{
    private const string ConfigFile = "config.json";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>What Hugging Face transformers' classes of a model type begin with.</summary>
    private static readonly Dictionary<string, string> ClassPrefixes = new()
    {
        ["bert"] = "Bert",
        ["roberta"] = "Roberta",
        ["xlm-roberta"] = "XLMRoberta",
        ["distilbert"] = "DistilBert",
        ["mpnet"] = "MPNet",
        ["electra"] = "Electra",
        ["albert"] = "Albert",
        ["deberta-v2"] = "DebertaV2",
    };

    /// <summary>What Hugging Face transformers' classes of a task end with.</summary>
    public static string Suffix(TextTask task) => task switch
    {
        TextTask.SequenceClassification => "ForSequenceClassification",
        TextTask.TokenClassification => "ForTokenClassification",
        TextTask.QuestionAnswering => "ForQuestionAnswering",
        TextTask.MaskedLanguageModel => "ForMaskedLM",
        _ => throw new ArgumentOutOfRangeException(nameof(task), task, null),
    };

    /// <summary>The class that Hugging Face transformers loads a directory with.</summary>
    /// <param name="modelType">The model type in <c>config.json</c>.</param>
    /// <param name="task">The task of the head.</param>
    public static string Architecture(string modelType, TextTask task) => ClassPrefixes[modelType] + Suffix(task);

    /// <summary>Lets files be written under a temporary name and moves the folder into place.</summary>
    /// <param name="directory">The folder; replaced when it is one of an encoder, an error when it holds anything else.</param>
    /// <param name="write">Writes the files into the folder it is given.</param>
    /// <exception cref="IOException">The folder holds something else than an encoder, or cannot be written.</exception>
    public static void Write(string directory, Action<string> write)
    {
        directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        Check(directory);
        string temporary = $"{directory}.{Guid.NewGuid():N}.tmp";
        Directory.CreateDirectory(temporary);
        try
        {
            write(temporary);
            Replace(directory, temporary);
        }
        finally
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
        }
    }

    /// <summary>Writes configuration, weights and tokenizer.</summary>
    /// <param name="folder">The folder, which is there.</param>
    /// <param name="config">The configuration; the type of the weights is added.</param>
    /// <param name="model">Encoder and head.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="half">Whether weights are written in half precision.</param>
    public static void WriteModel(string folder, JsonObject config, TaskModel model, TextTokenizer tokenizer, bool half)
    {
        config["torch_dtype"] = half ? "float16" : "float32";
        WriteJson(folder, ConfigFile, config);
        using (NewDisposeScope())
        using (no_grad())
            SafetensorsWriter.Write(
                Path.Combine(folder, CheckpointDirectory.Safetensors),
                model.named_parameters().Select(p => new KeyValuePair<string, Tensor>(model.Names.Tensor(p.name), half ? p.parameter.to(ScalarType.Float16) : p.parameter)),
                new Dictionary<string, string> { ["format"] = "pt" });
        foreach ((string name, byte[] content) in tokenizer.Files)
            File.WriteAllBytes(Path.Combine(folder, name), content);
    }

    public static void WriteJson(string folder, string name, JsonNode json) => File.WriteAllText(Path.Combine(folder, name), json.ToJsonString(Indented) + "\n");

    /// <summary>The old folder is moved aside until the new one is in its place: at no time is there neither.</summary>
    private static void Replace(string directory, string temporary)
    {
        string? old = Directory.Exists(directory) ? $"{directory}.{Guid.NewGuid():N}.old" : null;
        if (old is not null)
            Directory.Move(directory, old);
        try
        {
            Directory.Move(temporary, directory);
        }
        catch when (old is not null)
        {
            Directory.Move(old, directory);
            throw;
        }
        if (old is not null)
            Directory.Delete(old, recursive: true);
    }

    /// <summary>Throws where <see cref="Write"/> would not replace what is there; worth asking before a long training.</summary>
    /// <exception cref="IOException">The path is a file or below one, or a folder that holds something else than an encoder.</exception>
    public static void Check(string directory)
    {
        string full = Path.GetFullPath(directory);
        for (string? path = full; path is not null; path = Path.GetDirectoryName(path))
            if (File.Exists(path))
                throw new IOException(path == full ? $"'{directory}' is a file; expected a folder for the encoder." : $"'{directory}' cannot be made: '{path}' is a file.");
        if (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any() && !HoldsEncoder(directory))
            throw new IOException($"'{directory}' holds files that are no encoder's; it is not overwritten. Choose an empty or new folder.");
    }

    /// <summary>Other programs have a <c>config.json</c> too: only one that names a model, beside weights, is an encoder's.</summary>
    private static bool HoldsEncoder(string directory)
    {
        string config = Path.Combine(directory, ConfigFile);
        if (!File.Exists(config) || !File.Exists(Path.Combine(directory, CheckpointDirectory.Safetensors)))
            return false;
        try
        {
            return JsonFile.ReadObject(config).ContainsKey("model_type");
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}
