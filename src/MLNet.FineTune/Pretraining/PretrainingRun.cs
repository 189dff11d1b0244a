using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Runtime;
using TorchSharp;

namespace MLNet.FineTune.Pretraining;

/// <summary>From data view and options to a pre-trained encoder in a directory.</summary>
internal static class PretrainingRun
{
    /// <summary>What a run with checkpoints is seeded with where the context has no seed: the process that resumes must draw what the killed one drew.</summary>
    private const int UnseededCheckpointSeed = 1;

    public static EncoderSource Execute(IHostEnvironment environment, IDataView texts, EncoderSource encoder, string outputDirectory, EncoderPretrainingOptions options)
    {
        options.Validate();
        IHost host = environment.Register("Pretrain");
        TrainingOptions training = options.Pretraining.Training;
        OutputFolder.Check(outputDirectory, encoder,
            (nameof(EncoderPretrainingOptions.WorkDirectory), options.WorkDirectory), (nameof(TrainingOptions.CheckpointDirectory), training.CheckpointDirectory));
        void CheckAlive()
        {
            training.CancellationToken.ThrowIfCancellationRequested();
            host.CheckAlive();
        }

        var corpus = new CorpusView(host, texts, options.Columns, "corpus", nameof(texts), CheckAlive);
        WarnOfMissingHeadings(host, options);
        torch.Device device = SelectDevice(host, options.GpuDeviceId, options.FallbackToCpu);
        using var work = WorkFolder.Create(host, options.WorkDirectory);
        return new PretrainingPhase
        {
            Name = "Pre-training",
            Encoder = encoder,
            Texts = Without(options.ExcludedTexts, corpus.Read),
            Options = options.Pretraining,
            OutputDirectory = outputDirectory,
            WorkDirectory = work.Sub("corpus"),
            Device = device,
            Seed = Seed(host, training.CheckpointDirectory is not null),
            CheckAlive = CheckAlive,
        }.Run(host);
    }

    private static Func<IEnumerable<CorpusText>> Without(IReadOnlyCollection<string> excluded, Func<IEnumerable<CorpusText>> read)
    {
        if (excluded.Count == 0)
            return read;
        var evaluation = new Decontamination(excluded);
        return () => read().Where(text => !evaluation.OccursIn(text.Text) && !(text.Heading is { } heading && evaluation.OccursIn(heading)));
    }

    /// <summary>The GPU asked for by options or context, or the CPU.</summary>
    public static torch.Device SelectDevice(IHost host, int? gpuDeviceId = null, bool? fallbackToCpu = null)
    {
        var environment = (IHostEnvironmentInternal)host;
        return Hardware.SelectDevice(gpuDeviceId ?? environment.GpuDeviceId, fallbackToCpu ?? environment.FallbackToCpu);
    }

    /// <summary>
    /// The context's own seed, rather than the next number drawn from it: there is no trainer to call a second time,
    /// so the same call on the same context must give the same seed, or a cancelled run could not be resumed.
    /// </summary>
    public static int Seed(IHost host, bool checkpoints) => ((IHostEnvironmentInternal)host).Seed ?? (checkpoints ? UnseededCheckpointSeed : host.Rand.Next());

    private static void WarnOfMissingHeadings(IHost host, EncoderPretrainingOptions options)
    {
        if (options.HeadingColumnName is not null || options.Pretraining.Contrastive?.Pairs.HasFlag(PassagePairs.Heading) != true)
            return;
        using IChannel channel = host.Start("Pre-training");
        channel.Warning("{0} asks for pairs of heading and text, but {1} is not set: there will be none.", nameof(ContrastiveLearning.Pairs), nameof(EncoderPretrainingOptions.HeadingColumnName));
    }
}
