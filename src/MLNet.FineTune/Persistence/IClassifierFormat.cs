using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.Persistence;

/// <summary>How one kind of classifier is written to named streams of a model, and read back.</summary>
internal interface IClassifierFormat
{
    /// <summary>Stable name of the format, stored in the model.</summary>
    string Kind { get; }

    /// <summary>Whether the classifier is of this kind.</summary>
    bool Handles(ITextClassifier classifier);

    /// <summary>Writes the classifier.</summary>
    /// <param name="classifier">One that this format handles.</param>
    /// <param name="write">Writes a stream: its name, such as <c>adapter_config.json</c>, and an action that writes its content from start to end (the stream cannot seek).</param>
    void Save(ITextClassifier classifier, Action<string, Action<Stream>> write);

    /// <summary>Reads a classifier.</summary>
    /// <param name="environment">Source of device and cancellation settings.</param>
    /// <param name="open">Opens a stream by its name, its content verified against the checksum in the model, readable and seekable; null when the model was saved without it.</param>
    /// <exception cref="InvalidDataException">A stream is missing, or its content is not what the format expects.</exception>
    ITextClassifier Load(IHostEnvironment environment, Func<string, Stream?> open);
}
