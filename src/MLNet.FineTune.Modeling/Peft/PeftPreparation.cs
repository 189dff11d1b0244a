using MLNet.FineTune.Models;
using MLNet.FineTune.Training;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>What a method may look at and try before it is trained for good. It leaves the model as it found it.</summary>
/// <remarks>What is decided here must not be decided on rows that measure the result: a share of the training rows is set aside for it.</remarks>
internal sealed class PeftPreparation
{
    private const double HeldOutShare = 0.2;

    private readonly FineTuneSession _session;

    public PeftPreparation(FineTuneSession session, EncodedTexts train)
    {
        _session = session;
        All = train;
        // A class with one row is learnt from and not measured.
        int[] counts = new int[session.Task.ClassCount];
        foreach (int label in train.Labels)
            counts[label]++;
        int[] several = [.. Enumerable.Range(0, train.Count).Where(row => counts[train.Labels[row]] > 1)];
        if (several.Length == 0)
            throw new ArgumentException($"No class has more than one row: there is nothing to decide on how '{session.Task.Peft.MethodName}' is set up.");
        (_, int[] held) = StratifiedSplit.Create([.. several.Select(row => train.Labels[row])], HeldOutShare, session.Task.Seed);
        int[] validation = [.. held.Select(row => several[row])];
        Validation = train.Rows(validation);
        Train = train.Rows([.. Enumerable.Range(0, train.Count).Except(validation)]);
    }

    public TaskModel Model => _session.Model;

    public int Seed => _session.Task.Seed;

    /// <summary>How the user wants the training to be.</summary>
    public TrainingOptions Options => _session.Task.Training;

    /// <summary>All training rows.</summary>
    public EncodedTexts All { get; }

    /// <summary>Rows to try on.</summary>
    public EncodedTexts Train { get; }

    /// <summary>Rows to decide on.</summary>
    public EncodedTexts Validation { get; }

    /// <summary>Tells the user a line.</summary>
    public void Inform(string line) => _session.Task.Inform?.Invoke(line);

    /// <summary>To be called in every loop; throws to stop.</summary>
    public void CheckAlive()
    {
        Options.CancellationToken.ThrowIfCancellationRequested();
        _session.Task.CheckAlive?.Invoke();
    }

    /// <summary>The tokens of a text, without special ones around it.</summary>
    public int[] Tokenize(string text) => _session.Tokenize(text);

    /// <summary>The batches of an epoch.</summary>
    public IEnumerable<int[]> Batches(EncodedTexts data, int epoch) => new LengthBucketedSampler(data.Batches.Lengths, Options.BatchSize, Seed).Batches(epoch);

    /// <summary>The mean loss over some rows, with its graph, in whatever mode the model is.</summary>
    public Tensor Loss(EncodedTexts data, int[] rows) => _session.Loss(data, rows);

    /// <summary>The validation metric of the model as it is, larger is better.</summary>
    public double Measure(EncodedTexts data) => _session.Measure(data);

    /// <summary>Trains a method on some rows, measures it on others, and takes it off again.</summary>
    /// <param name="method">The method.</param>
    /// <param name="options">How to train; null for as the user wants, without checkpoints and reports.</param>
    /// <param name="look">Sees the trained adapter before it is taken off.</param>
    /// <param name="train">Rows to train on; null for <see cref="Train"/>.</param>
    /// <param name="validation">Rows to measure on; null for <see cref="Validation"/>.</param>
    /// <returns>The validation metric, larger is better.</returns>
    public double Try(PeftMethod method, TrainingOptions? options = null, Action<PeftAdapter>? look = null, EncodedTexts? train = null, EncodedTexts? validation = null)
    {
        using var scope = NewDisposeScope();
        manual_seed(Seed);
        PeftAdapter adapter = PeftAdapter.Attach(Model, method);
        List<(Tensor Parameter, Tensor Value)> before = [.. adapter.TrainedBase.Select(p => ((Tensor)p.Parameter, p.Parameter.detach().clone()))];
        try
        {
            _session.Train(adapter, train ?? Train, null, options ?? Options.ForTrial());
            adapter = adapter.Finish();
            adapter.Train(false);
            double metric = Measure(validation ?? Validation);
            look?.Invoke(adapter);
            return metric;
        }
        finally
        {
            adapter.Dispose();
            using (no_grad())
                foreach ((Tensor parameter, Tensor value) in before)
                    parameter.copy_(value);
            Model.WeightsChanged();
        }
    }
}
