using System.CommandLine;

namespace MLNet.FineTune.Benchmarks.CommandLine;

/// <summary>The options of an encoder that may be a new one: its source, and how large it is where it is new.</summary>
internal sealed class ScratchOption
{
    private const string Scratch = "scratch";

    private static readonly ScratchEncoderOptions Defaults = new();

    private readonly Option<string> _encoder;
    private readonly Option<int> _layers = OptionRanges.Create("--layers", "Layers of an encoder from scratch", "N", Defaults.LayerCount).AtLeast(1);
    private readonly Option<int> _hidden = OptionRanges.Create("--hidden", "Width of an encoder from scratch; its feed-forward networks are four times as wide", "N", Defaults.HiddenSize).AtLeast(1);
    private readonly Option<int> _heads = OptionRanges.Create("--heads", "Attention heads of an encoder from scratch", "N", Defaults.HeadCount).AtLeast(1);
    private readonly Option<int> _vocabulary = OptionRanges.Create("--vocabulary", "Most tokens in the vocabulary of an encoder from scratch", "N", Defaults.VocabularySize).AtLeast(100);
    private readonly Option<double> _dropout = OptionRanges.Create("--dropout", "Dropout of an encoder from scratch", "P", Defaults.Dropout).Require(p => p is >= 0 and < 1, "0 to below 1");

    /// <param name="name">The option that names the source.</param>
    /// <param name="what">What it is the encoder of, for the description.</param>
    /// <param name="scratch">Whether the encoder is a new one where none is named; the default one otherwise.</param>
    public ScratchOption(string name, string what, bool scratch) => _encoder = OptionRanges
        .Create(name, $"{what}: '{EncoderOption.Default}', the directory of a pretrained encoder in Hugging Face layout, or '{Scratch}': random weights, vocabulary from the training rows", "DIR", scratch ? Scratch : EncoderOption.Default)
        .Require(encoder => encoder is Scratch or EncoderOption.Default || Directory.Exists(encoder), $"an existing directory, '{EncoderOption.Default}' or '{Scratch}'");

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_encoder, _layers, _hidden, _heads, _vocabulary, _dropout])
            command.Options.Add(option);
    }

    public EncoderSource Read(ParseResult command) => command.GetRequiredValue(_encoder) is var encoder && encoder != Scratch ? EncoderOption.Parse(encoder) : EncoderSource.FromScratch(new ScratchEncoderOptions
    {
        LayerCount = command.GetValue(_layers),
        HiddenSize = command.GetValue(_hidden),
        HeadCount = command.GetValue(_heads),
        IntermediateSize = 4 * command.GetValue(_hidden),
        VocabularySize = command.GetValue(_vocabulary),
        Dropout = command.GetValue(_dropout),
    });
}
