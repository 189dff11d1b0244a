using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Models;

namespace MLNet.FineTune;

/// <summary>Where a pretrained encoder comes from: configuration, weights and tokenizer files in Hugging Face's or sentence-transformers' layout.</summary>
/// <remarks>Creating a source reads nothing and downloads nothing; errors in the files surface when it is used.</remarks>
public abstract class EncoderSource
{
    private protected EncoderSource()
    {
    }

    /// <summary>What the source is, for logs and messages.</summary>
    public abstract string Description { get; }

    /// <summary>The name of this kind of source in saved models.</summary>
    internal abstract string Kind { get; }

    /// <summary>
    /// The encoder that comes with the library: small, English, in lower case, at home on two processor cores. Its model card
    /// (<c>MODEL_CARD.md</c> in the package MLNet.FineTune.DefaultEncoder) says what it was trained on and how good it is.
    /// </summary>
    public static EncoderSource Default { get; } = new DefaultEncoderSource();

    /// <summary>An encoder in a local directory.</summary>
    /// <param name="path">A directory with <c>config.json</c>, weights and tokenizer files, or a sentence-transformers directory with <c>modules.json</c>.</param>
    /// <returns>The source.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty.</exception>
    public static EncoderSource FromDirectory(string path) => new DirectoryEncoderSource(path);

    /// <summary>A model of the Hugging Face hub, or of the server that the environment variable <c>HF_ENDPOINT</c> names.</summary>
    /// <param name="id">The model's id, for instance <c>sentence-transformers/all-MiniLM-L6-v2</c>.</param>
    /// <param name="revision">A branch, tag or commit.</param>
    /// <returns>The source. It is used from the local cache; see <see cref="HubEncoderSource.Download"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="id"/> or <paramref name="revision"/> is malformed.</exception>
    public static HubEncoderSource FromHub(string id, string revision = "main") => new(id, revision);

    /// <summary>A new encoder with random weights and a vocabulary made from the training texts: for texts unlike any pretrained encoder's, and where none is at hand.</summary>
    /// <param name="options">Its size; null for the defaults.</param>
    /// <returns>The source.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static EncoderSource FromScratch(ScratchEncoderOptions? options = null)
    {
        options?.Validate();
        return new ScratchEncoderSource(options ?? new ScratchEncoderOptions());
    }

    /// <inheritdoc/>
    public override string ToString() => Description;

    /// <summary>The local directory with the encoder's files.</summary>
    /// <exception cref="IOException">There is none.</exception>
    /// <exception cref="InvalidOperationException">The files would have to be downloaded first.</exception>
    internal abstract string GetDirectory();

    /// <summary>Opens the encoder.</summary>
    /// <param name="texts">The texts it will be trained on; not read where the source has a vocabulary.</param>
    internal virtual PretrainedEncoder Open(IEnumerable<string> texts) => PretrainedEncoder.FromDirectory(GetDirectory());

    /// <summary>A reference to this source, as saved models keep it.</summary>
    internal JsonObject ToJson()
    {
        var json = new JsonObject { ["kind"] = Kind };
        WriteTo(json);
        return json;
    }

    /// <summary>The source that <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The kind is unknown to this version, or a value is missing.</exception>
    internal static EncoderSource FromJson(JsonObject json) => EncoderSourceKinds.Read(json);

    /// <summary>Adds what the kind needs to be found again.</summary>
    private protected abstract void WriteTo(JsonObject json);
}
