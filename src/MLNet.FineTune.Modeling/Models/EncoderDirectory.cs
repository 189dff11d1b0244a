using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Models;

/// <summary>Writes an encoder as a directory in Hugging Face's layout, with sentence-transformers' modules where it makes text embeddings.</summary>
internal static class EncoderDirectory
{
    private const string PoolingFolder = "1_Pooling";
    private const string NormalizeFolder = "2_Normalize";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Writes all files under a temporary name and moves the folder into place.</summary>
    /// <param name="directory">The folder; replaced when it is one of an encoder, an error when it holds anything else.</param>
    /// <param name="model">Encoder and masked language modelling head.</param>
    /// <param name="origin">Gives configuration and tokenizer.</param>
    /// <param name="pooling">How token vectors become a text's; null for a plain encoder.</param>
    /// <param name="half">Whether weights are written in half precision.</param>
    /// <exception cref="IOException">The folder holds something else than an encoder, or cannot be written.</exception>
    public static void Write(string directory, TaskModel model, PretrainedEncoder origin, PoolingModes? pooling, bool half)
    {
        directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        Check(directory);
        string temporary = $"{directory}.{Guid.NewGuid():N}.tmp";
        Directory.CreateDirectory(temporary);
        try
        {
            WriteFiles(temporary, model, origin, pooling, half);
            Replace(directory, temporary);
        }
        finally
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
        }
    }

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
        string config = Path.Combine(directory, "config.json");
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

    private static void WriteFiles(string folder, TaskModel model, PretrainedEncoder origin, PoolingModes? pooling, bool half)
    {
        var config = (JsonObject)origin.Config.Source.DeepClone();
        config["architectures"] = new JsonArray(MaskedArchitecture(origin.Config.ModelType));
        // The head that is written has the word embeddings for its output, whatever the origin had.
        if (!origin.Config.TiesWordEmbeddings)
            config["tie_word_embeddings"] = true;
        config["torch_dtype"] = half ? "float16" : "float32";
        WriteJson(folder, "config.json", config);
        using (NewDisposeScope())
        using (no_grad())
            SafetensorsWriter.Write(
                Path.Combine(folder, CheckpointDirectory.Safetensors),
                model.named_parameters().Select(p => new KeyValuePair<string, Tensor>(model.Names.Tensor(p.name), half ? p.parameter.to(ScalarType.Float16) : p.parameter)),
                new Dictionary<string, string> { ["format"] = "pt" });
        foreach ((string name, byte[] content) in origin.Tokenizer.Files)
            File.WriteAllBytes(Path.Combine(folder, name), content);
        if (pooling is not null)
            WriteModules(folder, pooling, origin);
    }

    private static void WriteModules(string folder, PoolingModes pooling, PretrainedEncoder origin)
    {
        var modules = new JsonArray(Module(0, "", "Transformer"), Module(1, PoolingFolder, "Pooling"));
        if (origin.Normalize)
        {
            modules.Add(Module(2, NormalizeFolder, "Normalize"));
            Directory.CreateDirectory(Path.Combine(folder, NormalizeFolder));
        }
        WriteJson(folder, SentenceTransformerModules.ModulesFile, modules);
        WriteJson(folder, "sentence_bert_config.json", new JsonObject { ["max_seq_length"] = origin.MaxLength, ["do_lower_case"] = origin.LowerCase });
        Directory.CreateDirectory(Path.Combine(folder, PoolingFolder));
        var config = new JsonObject { ["word_embedding_dimension"] = origin.Config.HiddenSize };
        foreach ((string flag, _, PoolingMode mode) in SentenceTransformerModules.Modes)
            config[flag] = pooling.InOrder.Contains(mode);
        config["include_prompt"] = origin.PoolsPrompt;
        WriteJson(folder, Path.Combine(PoolingFolder, "config.json"), config);
        if (origin.Prompts.Texts.Count > 0)
            WriteJson(folder, EncoderPrompts.File, origin.Prompts.ToJson());
    }

    private static JsonObject Module(int index, string folder, string type) => new()
    {
        ["idx"] = index, ["name"] = index.ToString(CultureInfo.InvariantCulture), ["path"] = folder, ["type"] = $"sentence_transformers.models.{type}",
    };

    private static void WriteJson(string folder, string name, JsonNode json) => File.WriteAllText(Path.Combine(folder, name), json.ToJsonString(Indented) + "\n");

    /// <summary>The class that Hugging Face transformers loads the file with.</summary>
    private static string MaskedArchitecture(string modelType) => modelType switch
    {
        "bert" => "BertForMaskedLM",
        "roberta" => "RobertaForMaskedLM",
        "xlm-roberta" => "XLMRobertaForMaskedLM",
        "distilbert" => "DistilBertForMaskedLM",
        "mpnet" => "MPNetForMaskedLM",
        "electra" => "ElectraForMaskedLM",
        "albert" => "AlbertForMaskedLM",
        "deberta-v2" => "DebertaV2ForMaskedLM",
        _ => throw new ArgumentOutOfRangeException(nameof(modelType), modelType, null),
    };
}
