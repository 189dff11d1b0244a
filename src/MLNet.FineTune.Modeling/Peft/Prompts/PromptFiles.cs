using System.Globalization;
using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.Peft;

/// <summary>Prompts and prefixes in Python peft's files: one tensor <c>prompt_embeddings</c>, and configurations that have much in common.</summary>
internal static class PromptFiles
{
    /// <summary>Under this name a module holds its <see cref="PromptVectors"/>.</summary>
    public const string Vectors = "vectors";

    private const string Table = $".{Vectors}.{PromptTable.ParameterName}";

    /// <summary>The name of a tensor in an adapter file: peft puts the model itself below <c>base_model</c>, without the <c>model</c> that other adapters have.</summary>
    public static string Name(AdapterParameter parameter, CheckpointNames names) =>
        parameter.Base ? "base_model." + names.Tensor(parameter.Name)
        : parameter.Name.EndsWith(Table, StringComparison.Ordinal) ? "prompt_embeddings"
        : "prompt_encoder." + parameter.Name;

    /// <summary>The parameter that is left when a network has made its vectors for good.</summary>
    /// <param name="path">Path of the module that holds the vectors.</param>
    /// <param name="vectors">The vectors.</param>
    /// <param name="width">Their width.</param>
    public static KeyValuePair<string, TorchSharp.torch.Tensor> Finished(string path, PromptVectors vectors, long width) => new(path + Table, vectors.Columns(0, width));

    /// <summary>What the configurations of all prompts and prefixes hold.</summary>
    /// <param name="adapter">The adapter.</param>
    /// <param name="type">The <c>peft_type</c>.</param>
    /// <param name="length">How many vectors.</param>
    /// <param name="width">Width of a vector: for a prefix that of a key.</param>
    public static JsonObject Config(PeftAdapter adapter, string type, int length, int width)
    {
        EncoderConfig encoder = adapter.Model.Encoder.Config;
        var json = new JsonObject
        {
            ["auto_mapping"] = null,
            ["base_model_name_or_path"] = "",
            ["inference_mode"] = true,
            ["num_attention_heads"] = encoder.HeadCount,
            ["num_layers"] = encoder.LayerCount,
            ["num_transformer_submodules"] = 1,
            ["num_virtual_tokens"] = length,
            ["peft_type"] = type,
            ["revision"] = null,
            ["task_type"] = "SEQ_CLS",
            ["token_dim"] = width,
        };
        // Versions of peft that save nothing besides the classifier with a prompt do not know the key; it is written only where it says something.
        if (AdapterFiles.ModulesToSave(adapter) is { } modules)
            json["modules_to_save"] = modules;
        return json;
    }

    /// <summary>How many vectors a configuration asks for.</summary>
    /// <exception cref="InvalidDataException">The value is missing or wrong.</exception>
    /// <exception cref="NotSupportedException">The adapter is for an encoder and a decoder.</exception>
    public static int Length(JsonObject json, string location)
    {
        if (json.Value<int?>("num_transformer_submodules", location) is { } parts and not 1)
            throw new NotSupportedException($"{location}: 'num_transformer_submodules' is {parts}; supported is 1, an encoder alone.");
        return json.Value<int?>("num_virtual_tokens", location) ?? throw new InvalidDataException($"{location}: 'num_virtual_tokens' is missing.");
    }

    /// <summary>Checks options that were read from a file.</summary>
    /// <exception cref="InvalidDataException">One is out of its range.</exception>
    public static PeftMethod Valid(PeftMethod method, string location)
    {
        try
        {
            method.Validate();
            return method;
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{location}: {e.Message}", e);
        }
    }

    /// <summary>A number as Python writes a float: with a fraction, be it zero.</summary>
    public static JsonNode Float(float value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        return JsonNode.Parse(float.IsInteger(value) ? text + ".0" : text)!;
    }
}
