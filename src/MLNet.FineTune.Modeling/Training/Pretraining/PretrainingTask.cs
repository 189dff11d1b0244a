using MLNet.FineTune.Training;

namespace MLNet.FineTune.Pretraining;

/// <summary>A corpus and how an encoder is trained on it.</summary>
internal sealed record PretrainingTask
{
    public required EncoderSource Encoder { get; init; }

    /// <summary>The corpus, paragraphs of a document in their order; read once, once more for a new vocabulary, and its beginning for a teacher's.</summary>
    public required Func<IEnumerable<CorpusText>> Texts { get; init; }

    /// <summary>Where the trained encoder goes, in Hugging Face's layout; appears whole or not at all.</summary>
    public required string OutputDirectory { get; init; }

    /// <summary>Where the tokenised corpus goes; null for a temporary folder.</summary>
    public string? WorkDirectory { get; init; }

    public required PretrainingOptions Options { get; init; }
    public required TorchSharp.torch.Device Device { get; init; }
    public int Seed { get; init; }
    public IReadOnlyList<ITrainingCallback> Observers { get; init; } = [];

    /// <summary>Where checkpoints lie; null for the folder that the options name, if they do.</summary>
    public ICheckpointStore? CheckpointStore { get; init; }

    /// <summary>Polled between steps; throws to stop.</summary>
    public Action? CheckAlive { get; init; }

    /// <summary>Receives a line the user should know, such as the size of the corpus.</summary>
    public Action<string>? Inform { get; init; }

    /// <summary>Receives the losses by name after each step.</summary>
    public Action<TrainingState, IReadOnlyDictionary<string, double>>? Losses { get; init; }
}
