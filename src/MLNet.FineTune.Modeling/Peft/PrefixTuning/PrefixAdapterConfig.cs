using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;

namespace MLNet.FineTune.Peft;

/// <summary><c>adapter_config.json</c> of a prefix.</summary>
internal static class PrefixAdapterConfig
{
    public const string Type = "PREFIX_TUNING";

    /// <param name="adapter">The adapter; its vectors are a table.</param>
    /// <param name="length">How many keys and values a layer gets.</param>
    /// <param name="projection">Whether a network made them.</param>
    /// <param name="hidden">The width of its hidden layer.</param>
    public static JsonObject Write(PeftAdapter adapter, int length, bool projection, int hidden)
    {
        EncoderConfig encoder = adapter.Model.Encoder.Config;
        JsonObject json = PromptFiles.Config(adapter, Type, length, encoder.HiddenSize);
        json["encoder_hidden_size"] = hidden;
        json["prefix_projection"] = projection;
        return json;
    }

    /// <summary>Reads what peft wrote: the table itself, whatever made it.</summary>
    /// <exception cref="InvalidDataException">A value is missing or wrong.</exception>
    /// <exception cref="NotSupportedException">The adapter is for an encoder and a decoder.</exception>
    public static PeftMethod Read(JsonObject json, string location)
    {
        var options = new PrefixTuning
        {
            Length = PromptFiles.Length(json, location),
            Projection = json.Value<bool?>("prefix_projection", location) ?? false,
            Finished = true,
        };
        if (json.Value<int?>("encoder_hidden_size", location) is { } hidden)
            options.ProjectionHiddenSize = hidden;
        return PromptFiles.Valid(options, location);
    }
}
