using System.Globalization;
using MLNet.FineTune.Models;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.SelfTraining;

/// <summary>Renews COSINE's pseudo-labels every so many steps; ends the training where they have collapsed.</summary>
internal sealed class CosineRefresh(Cosine options, SelfTrainingRun run, TextBatches texts, CosineObjective objective) : ITrainingCallback, IDisposable
{
    private readonly int[] _trueLabels = TrueLabels(run);
    private AdapterState? _good;
    private int _round;

    /// <summary>The model as it was when its labels were last found good, where the later ones had collapsed; null where they had not.</summary>
    public AdapterState? Fallback { get; private set; }

    public void OnStepStart(TrainingState state)
    {
        if (state.Step % options.Scaled(options.UpdateEverySteps) != 0 || Fallback is not null)
            return;
        PseudoLabels labels = run.Predict(texts);
        if (options.TrustLabels)
            FixLabels(labels);
        // What is reported are the labels under the class frequencies of all texts; a step takes those of its batch.
        var sharp = new PseudoLabels(CosineTargets.Sharpen(labels.Probabilities, labels.ClassCount, options.Power), labels.ClassCount);
        float[] weights = CosineTargets.Weigh(sharp.Probabilities, labels.ClassCount);
        int[] kept = [.. Enumerable.Range(0, labels.Count).Where(row => weights[row] > options.ConfidenceThreshold)];
        _round++;
        if (run.Collapsed(_round, sharp, kept, _trueLabels))
        {
            Fallback = _good ?? run.Save();
            state.RequestStop(StopReason.Callback);
            objective.Labels ??= labels;
            return;
        }
        run.EndRound(_round, sharp, kept, _trueLabels);
        _good?.Dispose();
        _good = run.Save();
        objective.Labels = labels;
    }

    public void SaveState(StateBag state)
    {
        state.Values.Add("round", _round.ToString(CultureInfo.InvariantCulture));
        state.Values.Add("collapsed", (Fallback is not null).ToString());
        state.Add("labels", objective.Labels!.ToState());
        var good = new StateBag();
        (Fallback ?? _good)!.SaveTo(good);
        state.Add("good", good);
        var rounds = new StateBag();
        run.SaveRounds(rounds);
        state.Add("run", rounds);
    }

    public void LoadState(StateBag state)
    {
        Dispose();
        _round = int.Parse(state.Value("round"), CultureInfo.InvariantCulture);
        objective.Labels = PseudoLabels.FromState(state.Part("labels"));
        AdapterState good = AdapterState.Of(state.Part("good"));
        (_good, Fallback) = bool.Parse(state.Value("collapsed")) ? ((AdapterState?)null, good) : (good, null);
        run.LoadRounds(state.Part("run"));
    }

    public void Dispose()
    {
        _good?.Dispose();
        Fallback?.Dispose();
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
