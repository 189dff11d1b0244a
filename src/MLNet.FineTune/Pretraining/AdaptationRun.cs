using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Training;
using TorchSharp;

namespace MLNet.FineTune.Pretraining;

/// <summary>Adapts an encoder to a domain, a task, or one after the other (Gururangan et al. 2020, arXiv 2004.10964).</summary>
internal sealed class AdaptationRun
{
    private const string Domain = "domain", Task = "task";

    private readonly IHost _host;
    private readonly EncoderAdaptationOptions _options;
    private readonly CorpusView? _task;
    private readonly CorpusView? _domain;
    private readonly torch.Device _device;
    private readonly int _seed;

    private AdaptationRun(IHost host, EncoderAdaptationOptions options)
    {
        (_host, _options) = (host, options);
        OutputFolder.Check(options.OutputDirectory, options.Encoder,
            (nameof(EncoderAdaptationOptions.WorkDirectory), options.WorkDirectory), (nameof(EncoderAdaptationOptions.CheckpointDirectory), options.CheckpointDirectory));
        if (options.TaskTexts is { } task)
            _task = new CorpusView(host, task, options.TaskColumns, "task's texts", nameof(EncoderAdaptationOptions.TaskTexts), CheckAlive);
        if (options.DomainTexts is { } domain)
            _domain = new CorpusView(host, domain, options.DomainColumns, "domain's texts", nameof(EncoderAdaptationOptions.DomainTexts), CheckAlive);
        _device = PretrainingRun.SelectDevice(host, options.GpuDeviceId, options.FallbackToCpu);
        _seed = PretrainingRun.Seed(host, options.CheckpointDirectory is not null);
    }

    public static EncoderSource Execute(IHostEnvironment environment, EncoderAdaptationOptions options)
    {
        options.Validate();
        IHost host = environment.Register("AdaptEncoder");
        var run = new AdaptationRun(host, options);
        using var work = WorkFolder.Create(host, options.WorkDirectory);
        return options.Selection is { } selection ? run.OnSelection(selection, work)
            : run._task is null ? run.OnDomain(options.OutputDirectory, work)
            : run._domain is null ? run.OnTask(options.Encoder, run._task.Read, work)
            : run.OnBoth(work);
    }

    private EncoderSource OnBoth(WorkFolder work)
    {
        DomainEncoder between = _options.CheckpointDirectory is { } checkpoints
            ? DomainEncoder.Kept(checkpoints, _options.DomainPretraining.Training.ResumeFromCheckpoint, DomainEncoder.Settings(_options.Encoder, _domain!, _options.DomainPretraining, _seed))
            : DomainEncoder.Temporary(work);
        if (!between.IsFinished)
            OnDomain(between.Directory, work);
        EncoderSource adapted = OnTask(EncoderSource.FromDirectory(between.Directory), _task!.Read, work);
        between.Delete();
        return adapted;
    }

    private EncoderSource OnSelection(DomainSelection selection, WorkFolder work)
    {
        SelectedRows selected = selection.Method == DomainSelectionMethod.Random
            ? TextSelection.Random(_host, _task!, _domain!, selection.NeighborCount, _seed)
            : TextSelection.Nearest(_host, _task!, _domain!, selection.Encoder ?? _options.Encoder, selection.NeighborCount, _options.TaskPretraining.Precision, _device, CheckAlive);
        // Rows that were neighbours in a document no longer are.
        return OnTask(_options.Encoder, () => _task!.Read().Concat(selected.Of(_domain!.Read()).Select(text => text with { Document = null })), work);
    }

    private EncoderSource OnDomain(string output, WorkFolder work) =>
        Phase(Domain, _options.Encoder, _domain!.Read, _options.DomainPretraining, output, work);

    private EncoderSource OnTask(EncoderSource encoder, Func<IEnumerable<CorpusText>> texts, WorkFolder work) =>
        Phase(Task, encoder, texts, _options.TaskPretraining, _options.OutputDirectory, work);

    private EncoderSource Phase(string name, EncoderSource encoder, Func<IEnumerable<CorpusText>> texts, PretrainingOptions options, string output, WorkFolder work) => new PretrainingPhase
    {
        Name = name == Domain ? "Domain-adaptive pre-training" : "Task-adaptive pre-training",
        Encoder = encoder,
        Texts = texts,
        Options = options,
        OutputDirectory = output,
        WorkDirectory = work.Sub(name),
        Device = _device,
        Seed = _seed,
        CheckAlive = CheckAlive,
        CheckpointStore = _options.CheckpointDirectory is { } folder ? new FileCheckpointStore(Path.Combine(folder, name)) : null,
    }.Run(_host);

    /// <summary>A token cancels all of the run, whichever phase's it is.</summary>
    private void CheckAlive()
    {
        _options.TaskPretraining.Training.CancellationToken.ThrowIfCancellationRequested();
        _options.DomainPretraining.Training.CancellationToken.ThrowIfCancellationRequested();
        _host.CheckAlive();
    }
}
