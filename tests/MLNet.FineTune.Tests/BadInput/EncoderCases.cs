using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.BadInput;

/// <summary>Model directories: what is missing in them, and configuration and tokenizer files that are wrong.</summary>
internal static class EncoderCases
{
    private static readonly Type Damaged = typeof(InvalidDataException);
    private static readonly Type Unsupported = typeof(NotSupportedException);

    public static BadInputCase[] All { get; } =
    [
        new("no directory", typeof(DirectoryNotFoundException), w => Fit(w, w.Given("absent")), "absent"),
        new("directory is a file", typeof(DirectoryNotFoundException), w =>
        {
            File.WriteAllText(w.Given("file"), "");
            Fit(w, w.Given("file"));
        }, "file"),
        new("directory is empty", typeof(FileNotFoundException), w => Fit(w, Directory.CreateDirectory(w.Given("encoder")).FullName), "encoder", "config.json"),
        Without("no config.json", EncoderDirectory.Config, typeof(FileNotFoundException), "config.json"),
        Without("no weights", EncoderDirectory.Weights, typeof(FileNotFoundException), "holds no weights", "model.safetensors", "pytorch_model.bin", "vocab.txt"),
        Without("no tokenizer", EncoderDirectory.Vocabulary, Unsupported, "tokenizer", "vocab.txt", "model.safetensors"),

        Config("config.json is empty", [], "config.json", "empty"),
        Config("config.json is cut", EncoderDirectory.Files[EncoderDirectory.Config][..50], "config.json", "not valid JSON"),
        Config("config.json is a list", "[]"u8.ToArray(), "config.json", "JSON object"),
        Config("config.json is a git-lfs pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 900\n"u8.ToArray(), "config.json", "git lfs pull"),
        Config("config.json is a web page", "<!DOCTYPE html><html>"u8.ToArray(), "config.json", "web page"),
        Config("config.json has no hidden size", EncoderDirectory.ConfigWith(("hidden_size", null)), "config.json", "'hidden_size'", "missing", "whole number"),
        Config("config.json has a text for a number", EncoderDirectory.ConfigWith(("num_hidden_layers", "one")), "'num_hidden_layers'", "\"one\"", "whole number"),
        Config("config.json has heads that do not divide the width", EncoderDirectory.ConfigWith(("num_attention_heads", 5)), "32", "5 attention heads"),
        Config("config.json is of another width", EncoderDirectory.ConfigWith(("hidden_size", 64)), EncoderDirectory.Weights, "not fitting", "[", "64]", "32]"),
        Config("config.json is of a model too large to be allocated", EncoderDirectory.ConfigWith(("vocab_size", 2_000_000_000)), EncoderDirectory.Weights, "word_embeddings.weight", "[2000000000, 32]"),
        Config("config.json has more layers than could be allocated", EncoderDirectory.ConfigWith(("num_hidden_layers", 2_000_000_000)), "config.json", "2000000000 layers"),
        Config("config.json has a larger vocabulary than the weights", EncoderDirectory.ConfigWith(("vocab_size", 5000)), "word_embeddings.weight", "[5000, 32]"),
        Config("config.json has a smaller vocabulary than the tokenizer", EncoderDirectory.ConfigWith(("vocab_size", 20)), "tokenizer", "vocab_size", "20"),
        new("config.json is of an unknown model type", Unsupported, w => FitWith(w, EncoderDirectory.Config, EncoderDirectory.ConfigWith(("model_type", "gpt2"))), "config.json", "'gpt2'", "bert", "roberta"),
        new("config.json has no model type", Unsupported, w => FitWith(w, EncoderDirectory.Config, EncoderDirectory.ConfigWith(("model_type", null))), "config.json", "model type", "bert"),
        new("config.json asks for other positions", Unsupported, w => FitWith(w, EncoderDirectory.Config, EncoderDirectory.ConfigWith(("position_embedding_type", "relative_key"))), "'position_embedding_type'", "'relative_key'", "'absolute'"),

        new("vocabulary is empty", Damaged, w => FitWith(w, EncoderDirectory.Vocabulary, []), "vocab.txt"),
        new("vocabulary is not UTF-8", Damaged, w => FitWith(w, EncoderDirectory.Vocabulary, [.. EncoderDirectory.Files[EncoderDirectory.Vocabulary], 0xC3, 0x28]), "vocab.txt", "UTF-8"),
        new("vocabulary lacks the special tokens", Damaged, w => FitWith(w, EncoderDirectory.Vocabulary, "the\na\n"u8.ToArray()), "vocab.txt", "[CLS]"),
        new("vocabulary is a git-lfs pointer", Damaged, w => FitWith(w, EncoderDirectory.Vocabulary, "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 900\n"u8.ToArray()), "vocab.txt", "git lfs pull"),
        new("tokenizer_config.json is cut", Damaged, w => FitWith(w, "tokenizer_config.json", "{\"do_lower_case\": tr"u8.ToArray()), "tokenizer_config.json", "JSON"),
    ];

    /// <summary>Fits with the encoder of a directory; the files in it are the user's and stay.</summary>
    public static void Fit(Workplace w, string directory) => w.Fit(o => o.Encoder = EncoderSource.FromDirectory(directory));

    /// <summary>Fits with a sound encoder of which one file is other.</summary>
    public static void FitWith(Workplace w, string file, byte[]? content) =>
        Fit(w, EncoderDirectory.Write(w.Given("encoder"), (name, sound) => name == file ? content : sound));

    private static BadInputCase Without(string name, string file, Type exception, params string[] says) => new(name, exception, w => FitWith(w, file, null), ["encoder", .. says]);

    private static BadInputCase Config(string name, byte[] content, params string[] says) => new(name, Damaged, w => FitWith(w, EncoderDirectory.Config, content), says);
}
