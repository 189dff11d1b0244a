using System.CommandLine;
using MLNet.FineTune.Benchmarks.CommandLine;

namespace MLNet.FineTune.Benchmarks.Embedding;

/// <summary>The verb <c>embed</c>.</summary>
internal static class EmbedCommand
{
    private const string Random = "random";

    private static readonly Option<string> Encoder = OptionRanges.Create("--encoder", $"'{EncoderOption.Default}', the directory of a pretrained encoder in Hugging Face layout, or '{Random}': random weights of the size below, as fast as trained ones", "DIR", EncoderOption.Default)
        .Require(encoder => encoder is EncoderOption.Default or Random || Directory.Exists(encoder), $"'{EncoderOption.Default}', an existing directory, or '{Random}'");
    private static readonly Option<int> Layers = OptionRanges.Create("--layers", "Layers of a random encoder", "N", 4).AtLeast(0);
    private static readonly Option<int> Hidden = OptionRanges.Create("--hidden", "Width of a random encoder, with heads of 32 and feed-forward networks four times as wide", "N", 256)
        .Require(hidden => hidden >= 32 && hidden % 32 == 0, "a multiple of 32");
    private static readonly Option<int> Texts = OptionRanges.Create("--texts", "How many texts are embedded in a round", "N", 2048).AtLeast(1);
    private static readonly Option<int> Tokens = OptionRanges.Create("--tokens", "Mean tokens of a text, special ones included; lengths differ by two fifths either way", "N", 20).AtLeast(5);
    private static readonly Option<int> Batch = OptionRanges.Create("--batch", "Texts that go through the encoder at once", "N", new TextEmbeddingOptions().BatchSize).AtLeast(1);
    private static readonly Option<int> Rounds = OptionRanges.Create("--rounds", "Rounds; in each, every case has its turn", "N", 5).AtLeast(1);

    public static Command Create()
    {
        var command = new Command("embed", "Texts a second of EmbedText, beside ML.NET's FeaturizeText on the same texts.") { Encoder, Layers, Hidden, Texts, Tokens, Batch, Rounds };
        command.SetAction(result =>
        {
            int threads = Threads.Apply(result);
            EmbedSuite.Run(new EmbedSettings
            {
                Encoder = result.GetRequiredValue(Encoder) is var encoder && encoder != Random ? EncoderOption.Parse(encoder!) : null,
                Layers = result.GetValue(Layers),
                Hidden = result.GetValue(Hidden),
                Texts = result.GetValue(Texts),
                Tokens = result.GetValue(Tokens),
                Batch = result.GetValue(Batch),
                Rounds = result.GetValue(Rounds),
                Threads = threads,
            });
        });
        return command;
    }
}
