using MLNet.FineTune.Encoders;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Tokenization;
using static TorchSharp.torch;

namespace MLNet.FineTune.Models;

/// <summary>Turns texts into vectors of fixed size. Thread-safe.</summary>
internal sealed class TextEmbedder : IDisposable
{
    private readonly TaskModel _model;
    private readonly TextTokenizer _tokenizer;
    private readonly bool _lowerCase;

    private TextEmbedder(TaskModel model, TextTokenizer tokenizer, bool lowerCase, int maxLength, int batchSize)
    {
        (_model, _tokenizer, _lowerCase, MaxLength, BatchSize) = (model, tokenizer, lowerCase, maxLength, batchSize);
        model.eval();
        foreach (var parameter in model.parameters())
            parameter.requires_grad_(false);
    }

    /// <summary>Width of the vectors.</summary>
    public int Dimension => _model.Encoder.Config.HiddenSize;

    /// <summary>Longest text in tokens; what is longer is cut.</summary>
    public int MaxLength { get; }

    /// <summary>Texts that go through the encoder at once.</summary>
    public int BatchSize { get; }

    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is malformed.</exception>
    public static TextEmbedder Create(EncoderSource source, Precision precision, Device device, int batchSize = 64, int? maxLength = null)
    {
        NativeBackend.EnsureLoaded();
        using PretrainedEncoder encoder = source.Open([]);
        TaskModel model = encoder.CreateEmbedder(device);
        model.Encoder.ComputeType = Hardware.ComputeType(precision, device);
        return new TextEmbedder(model, encoder.Tokenizer, encoder.LowerCase, maxLength ?? encoder.MaxLength, batchSize);
    }

    /// <summary>Embeds texts, in batches of similar length.</summary>
    /// <param name="inputs">Texts or pairs.</param>
    /// <param name="embeddings">Receives the vectors, row-major [texts, <see cref="Dimension"/>], in the order of the texts.</param>
    /// <param name="checkAlive">Called before each batch; throws to stop.</param>
    public void Embed(IReadOnlyList<TextInput> inputs, Span<float> embeddings, Action? checkAlive = null)
    {
        Encoding[] rows = inputs.Encode(_tokenizer, _lowerCase, MaxLength, Truncation.LongestFirst);
        new TextBatches(rows, _model.Encoder.Config).Score(_model, BatchSize, embeddings, checkAlive);
    }

    public void Dispose() => _model.Dispose();
}
