using System.Globalization;
using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;

namespace MLNet.FineTune.Models;

/// <summary>Writes an encoder as a directory in Hugging Face's layout, with sentence-transformers' modules where it makes text embeddings.</summary>
internal static class EncoderDirectory
{
    private const string PoolingFolder = "1_Pooling";
    private const string NormalizeFolder = "2_Normalize";

    /// <summary>Writes all files under a temporary name and moves the folder into place.</summary>
    /// <param name="directory">The folder; replaced when it is one of an encoder, an error when it holds anything else.</param>
    /// <param name="model">Encoder and masked language modelling head.</param>
    /// <param name="origin">Gives configuration and tokenizer.</param>
    /// <param name="pooling">How token vectors become a text's; null for a plain encoder.</param>
    /// <param name="half">Whether weights are written in half precision.</param>
    /// <param name="normalize">Whether text embeddings are scaled to length one; null for what the origin does.</param>
    /// <exception cref="IOException">The folder holds something else than an encoder, or cannot be written.</exception>
    public static void Write(string directory, TaskModel model, PretrainedEncoder origin, PoolingModes? pooling, bool half, bool? normalize = null) =>
        ModelDirectory.Write(directory, folder => WriteFiles(folder, model, origin, pooling, normalize ?? origin.Normalize, half));

    private static void WriteFiles(string folder, TaskModel model, PretrainedEncoder origin, PoolingModes? pooling, bool normalize, bool half)
    {
        var config = (JsonObject)origin.Config.Source.DeepClone();
        config["architectures"] = new JsonArray(ModelDirectory.Architecture(origin.Config.ModelType, TextTask.MaskedLanguageModel));
        // The head that is written has the word embeddings for its output, whatever the origin had.
        if (!origin.Config.TiesWordEmbeddings)
            config["tie_word_embeddings"] = true;
        ModelDirectory.WriteModel(folder, config, model, origin.Tokenizer, half);
        if (pooling is not null)
            WriteModules(folder, pooling, normalize, origin);
    }

    private static void WriteModules(string folder, PoolingModes pooling, bool normalize, PretrainedEncoder origin)
    {
        var modules = new JsonArray(Module(0, "", "Transformer"), Module(1, PoolingFolder, "Pooling"));
        if (normalize)
        {
            modules.Add(Module(2, NormalizeFolder, "Normalize"));
            Directory.CreateDirectory(Path.Combine(folder, NormalizeFolder));
        }
        ModelDirectory.WriteJson(folder, SentenceTransformerModules.ModulesFile, modules);
        ModelDirectory.WriteJson(folder, "sentence_bert_config.json", new JsonObject { ["max_seq_length"] = origin.MaxLength, ["do_lower_case"] = origin.LowerCase });
        Directory.CreateDirectory(Path.Combine(folder, PoolingFolder));
        var config = new JsonObject { ["word_embedding_dimension"] = origin.Config.HiddenSize };
        foreach ((string flag, _, PoolingMode mode) in SentenceTransformerModules.Modes)
            config[flag] = pooling.InOrder.Contains(mode);
        config["include_prompt"] = origin.PoolsPrompt;
        ModelDirectory.WriteJson(folder, Path.Combine(PoolingFolder, "config.json"), config);
        if (origin.Prompts.Texts.Count > 0)
            ModelDirectory.WriteJson(folder, EncoderPrompts.File, origin.Prompts.ToJson());
    }

    private static JsonObject Module(int index, string folder, string type) => new()
    {
        ["idx"] = index, ["name"] = index.ToString(CultureInfo.InvariantCulture), ["path"] = folder, ["type"] = $"sentence_transformers.models.{type}",
    };

}
