using System.CommandLine;

namespace MLNet.FineTune.Benchmarks.CommandLine;

/// <summary>The option that names an encoder.</summary>
internal static class EncoderOption
{
    public const string Default = "default";

    public static Option<string> Create() =>
        OptionRanges.Create("--encoder", $"'{Default}', or the directory of an encoder in Hugging Face layout", "DIR", Default)
            .Require(encoder => encoder == Default || Directory.Exists(encoder), $"'{Default}' or an existing directory");

    public static EncoderSource Parse(string encoder) => encoder == Default ? EncoderSource.Default : EncoderSource.FromDirectory(encoder);
}
