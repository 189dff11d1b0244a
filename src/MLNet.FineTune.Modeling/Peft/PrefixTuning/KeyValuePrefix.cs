using MLNet.FineTune.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>Trained keys and values before those of the text, in every layer or some.</summary>
internal sealed class KeyValuePrefix : KeyValueAdapter
{
    public const string Path = "prefix";

    /// <summary>The model types whose Python classes take keys and values from before, and count the positions of a text on from them.</summary>
    private static readonly HashSet<string> Counting = new(["bert", "roberta", "xlm-roberta", "electra"], StringComparer.Ordinal);

    private readonly EncoderConfig _config;
    private readonly int[] _layers;
    private readonly double _dropout;

    /// <param name="vectors">Of width layers · 2 · hidden: for each layer that has a prefix a key and a value of all heads.</param>
    /// <param name="config">The encoder's.</param>
    /// <param name="layers">The layers that have a prefix, counted as the encoder runs.</param>
    /// <param name="dropout">Probability of dropout on keys and values, while training.</param>
    public KeyValuePrefix(PromptVectors vectors, EncoderConfig config, int[] layers, double dropout) : base(nameof(KeyValuePrefix))
    {
        (Vectors, _config, _layers, _dropout) = (vectors, config, layers, dropout);
        PositionShift = Counting.Contains(config.ModelType) ? (int)vectors.Length : 0;
        Register(PromptFiles.Vectors, vectors);
    }

    public PromptVectors Vectors { get; }

    public override int PositionShift { get; }

    /// <summary>Width of the vectors of the prefix.</summary>
    public int Width => _layers.Length * 2 * _config.HiddenSize;

    public override (Tensor Keys, Tensor Values)? Prefix(int layer, Tensor hidden)
    {
        int slot = Array.IndexOf(_layers, layer);
        if (slot < 0)
            return null;
        long width = 2L * _config.HiddenSize;
        Tensor both = Vectors.Columns(slot * width, width).to(hidden.dtype);
        if (training)
            both = Dropout.Apply(both, _dropout);
        both = both.view(-1, 2, _config.HeadCount, _config.HeadSize).permute(1, 2, 0, 3); // [2, heads, prefix, head size]
        return (both.narrow(0, 0, 1), both.narrow(0, 1, 1));
    }
}
