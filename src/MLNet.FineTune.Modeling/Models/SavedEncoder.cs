using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Encoders.Families;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Models;

/// <summary>The encoder of a saved model: named files of configuration, weights and tokenizer, or a reference to where they are.</summary>
internal static class SavedEncoder
{
    private const string ConfigFile = "config.json";
    private const string WeightsFile = "encoder.safetensors";
    private const string TokenizerFolder = "tokenizer_";

    /// <summary>Names of the tokenizer's files, which <see cref="Open"/> asks for again.</summary>
    public static IReadOnlyList<string> TokenizerFiles(TextTokenizer tokenizer) => [.. tokenizer.Files.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Writes the files.</summary>
    /// <remarks>Weights that half precision holds exactly are written so: an encoder whose checkpoint is in half precision keeps its size and loses nothing.</remarks>
    /// <param name="write">Writes a file: its name, and an action that writes the content.</param>
    /// <param name="model">The encoder and its head.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="keep">Chooses among the parameters by our names; null for all.</param>
    public static void Write(Action<string, Action<Stream>> write, TaskModel model, TextTokenizer tokenizer, Func<string, bool>? keep = null)
    {
        write(ConfigFile, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(model.Encoder.Config.Source.ToJsonString())));
        write(WeightsFile, stream =>
        {
            using var frozen = no_grad();
            using var scope = NewDisposeScope();
            SafetensorsWriter.Write(
                stream,
                model.named_parameters().Where(p => keep is null || keep(p.name)).Select(p => new KeyValuePair<string, Tensor>(model.Names.Tensor(p.name), Smallest(p.parameter))),
                new Dictionary<string, string> { ["format"] = "pt" });
        });
        foreach ((string name, byte[] content) in tokenizer.Files)
            write(TokenizerFolder + name, stream => stream.Write(content));
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="bytes">The content of a file, by its name.</param>
    /// <param name="tokenizerFiles">As <see cref="TokenizerFiles"/> gave them.</param>
    /// <param name="dense">The files and shapes of dense layers after pooling; null for none.</param>
    /// <exception cref="InvalidDataException">A file is missing or damaged.</exception>
    /// <exception cref="NotSupportedException">The model type or the tokenizer is none of those this version knows.</exception>
    public static PretrainedEncoder Open(Func<string, byte[]> bytes, IReadOnlyList<string> tokenizerFiles, IReadOnlyList<(string File, DenseShape Shape)>? dense = null)
    {
        (EncoderFamily family, EncoderConfig config) = EncoderFamily.Read(JsonFile.ParseObject(bytes(ConfigFile), ConfigFile), ConfigFile);
        TextTokenizer tokenizer = TextTokenizer.Load(tokenizerFiles.ToDictionary(name => name, name => bytes(TokenizerFolder + name)), "the saved model");
        PretrainedEncoder.CheckVocabulary(tokenizer, config, ConfigFile);
        DenseModule[] layers = [.. (dense ?? []).Select(layer => new DenseModule(layer.Shape, SafetensorsFile.Parse(bytes(layer.File), layer.File)))];
        return new PretrainedEncoder(family, config, tokenizer, SafetensorsFile.Parse(bytes(WeightsFile), WeightsFile)) { Dense = layers };
    }

    /// <summary>Opens the encoder that a model saved without it refers to.</summary>
    /// <param name="reference">As <see cref="EncoderSource.ToJson"/> gave it.</param>
    /// <param name="sha256">The encoder's <see cref="PretrainedEncoder.Sha256"/>.</param>
    /// <param name="model">What the model is called in messages.</param>
    /// <exception cref="InvalidDataException">The encoder is gone, or is another.</exception>
    public static PretrainedEncoder OpenReferenced(JsonObject reference, string? sha256, string model)
    {
        EncoderSource source = EncoderSource.FromJson(reference);
        string needs = $"The {model} was saved without its encoder and needs that of {source.Description} with SHA-256 {sha256}";
        const string Remedy = $"Restore the encoder, or save the model with {nameof(SavedWeights)}.{nameof(SavedWeights.Embedded)}.";
        PretrainedEncoder encoder;
        try
        {
            encoder = source.Open([]);
        }
        catch (IOException e)
        {
            throw new InvalidDataException($"{needs}, which cannot be opened: {e.Message} {Remedy}", e);
        }
        if (encoder.Sha256 == sha256)
            return encoder;
        string? found = encoder.Sha256;
        encoder.Dispose();
        throw new InvalidDataException($"{needs}; found another there (weights, configuration or tokenizer differ), with SHA-256 {found}. {Remedy}");
    }

    /// <summary>The weights in half precision where that holds them exactly, else as they are.</summary>
    public static Tensor Smallest(Tensor weights)
    {
        using var scope = NewDisposeScope();
        Tensor half = weights.to(ScalarType.Float16);
        return half.to(weights.dtype).eq(weights).all().item<bool>() ? half.MoveToOuterDisposeScope() : weights;
    }
}
