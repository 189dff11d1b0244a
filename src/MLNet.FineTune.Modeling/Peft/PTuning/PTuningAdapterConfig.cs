using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;

namespace MLNet.FineTune.Peft;

/// <summary><c>adapter_config.json</c> of P-tuning.</summary>
internal static class PTuningAdapterConfig
{
    public const string Type = "P_TUNING";

    /// <param name="options">The options; the network has done its work.</param>
    /// <param name="adapter">The adapter.</param>
    public static JsonObject Write(PTuning options, PeftAdapter adapter)
    {
        JsonObject json = PromptFiles.Config(adapter, Type, options.Length, adapter.Model.Encoder.Config.EmbeddingSize);
        json["encoder_dropout"] = PromptFiles.Float(options.EncoderDropout);
        json["encoder_hidden_size"] = options.EncoderHiddenSize;
        json["encoder_num_layers"] = options.EncoderLayers;
        json["encoder_reparameterization_type"] = options.Encoder == PromptEncoder.Lstm ? "LSTM" : "MLP";
        return json;
    }

    /// <summary>Reads what peft wrote: the prompt itself, whatever made it.</summary>
    /// <exception cref="InvalidDataException">A value is missing or wrong.</exception>
    /// <exception cref="NotSupportedException">The adapter is for an encoder and a decoder.</exception>
    public static PeftMethod Read(JsonObject json, string location)
    {
        var options = new PTuning
        {
            Length = PromptFiles.Length(json, location),
            EncoderLayers = json.Value<int?>("encoder_num_layers", location) ?? 2,
            EncoderDropout = (float)(json.Value<double?>("encoder_dropout", location) ?? 0),
            Encoder = (json.Value<string>("encoder_reparameterization_type", location) ?? "MLP") switch
            {
                "MLP" => PromptEncoder.Mlp,
                "LSTM" => PromptEncoder.Lstm,
                var other => throw new InvalidDataException($"{location}: 'encoder_reparameterization_type' is '{other}'; expected MLP or LSTM."),
            },
            Finished = true,
        };
        if (json.Value<int?>("encoder_hidden_size", location) is { } hidden)
            options.EncoderHiddenSize = hidden;
        return PromptFiles.Valid(options, location);
    }
}
