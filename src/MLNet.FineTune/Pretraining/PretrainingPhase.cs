using Microsoft.ML.Runtime;
using MLNet.FineTune.Training;
using TorchSharp;

namespace MLNet.FineTune.Pretraining;

/// <summary>One training of an encoder on raw text, reported to a host.</summary>
internal sealed record PretrainingPhase
{
    /// <summary>What the log and the host's progress call it.</summary>
    public required string Name { get; init; }

    public required EncoderSource Encoder { get; init; }

    public required Func<IEnumerable<CorpusText>> Texts { get; init; }

    public required PretrainingOptions Options { get; init; }

    /// <summary>Where the trained encoder goes.</summary>
    public required string OutputDirectory { get; init; }

    /// <summary>Where the tokenised corpus goes.</summary>
    public required string WorkDirectory { get; init; }

    public required torch.Device Device { get; init; }

    public required int Seed { get; init; }

    /// <summary>Polled while texts are read and between steps; throws to stop.</summary>
    public required Action CheckAlive { get; init; }

    /// <summary>Where checkpoints lie; null for the folder that the options name, if they do.</summary>
    public ICheckpointStore? CheckpointStore { get; init; }

    /// <returns>The encoder in <see cref="OutputDirectory"/>.</returns>
    public EncoderSource Run(IHost host)
    {
        using IChannel channel = host.Start(Name);
        using var progress = new PretrainingProgress(host, channel, Name);
        Pretrainer.Run(new PretrainingTask
        {
            Encoder = Encoder,
            Texts = Texts,
            OutputDirectory = OutputDirectory,
            WorkDirectory = WorkDirectory,
            Options = Options,
            Device = Device,
            Seed = Seed,
            CheckpointStore = CheckpointStore,
            CheckAlive = CheckAlive,
            Inform = line => channel.Info(line),
            Losses = progress.OnStepEnd,
        });
        return EncoderSource.FromDirectory(OutputDirectory);
    }
}
