using System.Globalization;
using MLNet.FineTune.Models;
using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.SelfTraining;

/// <summary>The student's loss: Σ_i w_i KL(q_i ‖ p_i) over the texts of a batch, with the teacher's probabilities q and weights w that sum to one, learnt anew in each batch.</summary>
internal sealed class ReweightedObjective(LitePromptedSelfTraining options, SelfTrainingRun run, PseudoLabels labels) : ITrainingObjective, ITrainingCallback
{
    private readonly bool[] _learnt = new bool[labels.Count];
    private int[] _order = [];
    private int _drawn;
    private Func<int[], Tensor> _logits = null!;
    private bool _warm;

    /// <summary>The texts that have had a weight above zero.</summary>
    public int[] Learnt => [.. Enumerable.Range(0, labels.Count).Where(row => _learnt[row])];

    /// <summary>Computes with these logits.</summary>
    /// <param name="logits">Those of some texts, [rows, classes].</param>
    public ReweightedObjective Of(Func<int[], Tensor> logits)
    {
        _logits = logits;
        return this;
    }

    public void OnStepStart(TrainingState state) => _warm = state.Step < (int)(options.WarmupShare * state.TotalSteps);

    public Tensor Loss(int[] rows)
    {
        float[] weights = _warm ? ByConfidence(rows) : ByGradient(rows);
        int[] chosen = [.. Enumerable.Range(0, rows.Length).Where(i => weights[i] > 0)];
        if (chosen.Length == 0)
            return _logits([rows[0]]).sum().Mul(0);
        foreach (int i in chosen)
            _learnt[rows[i]] = true;
        Tensor losses = Divergences([.. chosen.Select(i => rows[i])]);
        return (losses * tensor([.. chosen.Select(i => weights[i])], device: losses.device)).sum();
    }

    /// <summary>The texts that the teacher is sure of count the same, others nothing.</summary>
    private float[] ByConfidence(int[] rows)
    {
        bool[] sure = [.. rows.Select(row => labels.Confidence(row) > options.ConfidenceThreshold)];
        int count = sure.Count(own => own);
        return [.. sure.Select(own => own ? 1f / count : 0)];
    }

    /// <summary>By how much a step on each text lowers the loss on labelled ones, without dropout.</summary>
    private float[] ByGradient(int[] rows)
    {
        int[] guiding = [.. Enumerable.Range(0, Math.Min(options.ReweightingBatchSize, run.Guiding.Count)).Select(_ => NextGuiding())];
        return LookAhead.Weights(run.Evaluate(() => LookAhead.Alignments(
            run.Trainable, () => run.Loss(run.Guiding, guiding), [.. rows.Select(row => (Func<Tensor>)(() => Divergences([row]).sum()))])));
    }

    /// <summary>KL(q ‖ p) of some texts, [rows].</summary>
    private Tensor Divergences(int[] rows)
    {
        Tensor scores = _logits(rows).to(ScalarType.Float32);
        Tensor wanted = tensor([.. rows.SelectMany(row => labels[row].ToArray())], [rows.Length, labels.ClassCount], device: scores.device);
        return (wanted.xlogy(wanted) - wanted * functional.log_softmax(scores, dim: 1)).sum(1L);
    }

    /// <summary>All rows to be guided by, in one random order after the other.</summary>
    private int NextGuiding()
    {
        (int epoch, int place) = Math.DivRem(_drawn++, run.Guiding.Count);
        if (place == 0 || _order.Length == 0)
        {
            _order = [.. Enumerable.Range(0, run.Guiding.Count)];
            SeededRandom.Create(run.Tuning.Seed, epoch).Shuffle(_order);
        }
        return _order[place];
    }

    void ITrainingCallback.SaveState(StateBag state)
    {
        state.Values.Add("drawn", _drawn.ToString(CultureInfo.InvariantCulture));
        state.Tensors.Add("learnt", tensor(_learnt));
    }

    void ITrainingCallback.LoadState(StateBag state)
    {
        (_drawn, _order) = (int.Parse(state.Value("drawn"), CultureInfo.InvariantCulture), []);
        state.Tensor("learnt").data<bool>().CopyTo(_learnt);
    }
}
