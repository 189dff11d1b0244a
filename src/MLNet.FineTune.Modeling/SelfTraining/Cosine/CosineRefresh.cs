using System.Globalization;
using MLNet.FineTune.Models;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.SelfTraining;

/// <summary>Renews COSINE's pseudo-labels every so many steps; ends the training where they have collapsed.</summary>
internal sealed class CosineRefresh(Cosine options, SelfTrainingRun run, TextBatches texts, CosineObjective objective) : ITrainingCallback
{
    private readonly int[] _trueLabels = TrueLabels(run);
    private int _round;

    /// <summary>Whether labels had collapsed.</summary>
    public bool Collapsed { get; private set; }

    public void OnStepStart(TrainingState state)
    {
        if (state.Step % options.Scaled(options.UpdateEverySteps) != 0 || Collapsed)
            return;
        PseudoLabels labels = run.Predict(texts);
        if (options.TrustLabels)
            FixLabels(labels);
        CosineTargets targets = CosineTargets.Of(labels, options.Power);
        int[] kept = targets.Certain(Enumerable.Range(0, labels.Count), options.ConfidenceThreshold);
        _round++;
        if (run.Collapsed(_round, targets.Labels, kept, _trueLabels))
        {
            Collapsed = true;
            state.RequestStop(StopReason.Callback);
            objective.Targets ??= targets;
            return;
        }
        run.EndRound(_round, targets.Labels, kept, _trueLabels);
        objective.Targets = targets;
    }

    public void SaveState(StateBag state)
    {
        state.Values.Add("round", _round.ToString(CultureInfo.InvariantCulture));
        state.Values.Add("collapsed", Collapsed.ToString());
        state.Add("targets", objective.Targets!.Labels.ToState());
        var rounds = new StateBag();
        run.SaveRounds(rounds);
        state.Add("run", rounds);
    }

    public void LoadState(StateBag state)
    {
        _round = int.Parse(state.Value("round"), CultureInfo.InvariantCulture);
        objective.Targets = CosineTargets.FromLabels(PseudoLabels.FromState(state.Part("targets")));
        Collapsed = bool.Parse(state.Value("collapsed"));
        run.LoadRounds(state.Part("run"));
    }

    private void FixLabels(PseudoLabels labels)
    {
        for (int row = 0; row < run.Labeled.Count; row++)
        {
            Span<float> values = labels.Probabilities.AsSpan(row * labels.ClassCount, labels.ClassCount);
            values.Clear();
            values[run.Labeled.Labels[row]] = 1;
        }
    }

    /// <summary>Labels that are given say nothing of how good pseudo-labels are.</summary>
    private static int[] TrueLabels(SelfTrainingRun run) =>
        [.. Enumerable.Repeat(-1, run.Labeled.Count), .. run.TrueLabels ?? [.. Enumerable.Repeat(-1, run.Unlabeled.Count)]];
}
