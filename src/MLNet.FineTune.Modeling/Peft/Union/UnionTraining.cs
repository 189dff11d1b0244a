using MLNet.FineTune.Training;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>What the parts of a union do while they train, one after the other.</summary>
internal sealed class UnionTraining(IReadOnlyList<(string Prefix, PeftTraining Training)> parts) : PeftTraining
{
    public override bool Settled => parts.All(part => part.Training.Settled);

    public override Tensor? Penalty() => parts.Select(part => part.Training.Penalty()).OfType<Tensor>().Aggregate((Tensor?)null, (sum, penalty) => sum is null ? penalty : sum.Add(penalty));

    public override void OnTrainingStart(TrainingState state) => Each(training => training.OnTrainingStart(state));

    public override void OnStepStart(TrainingState state) => Each(training => training.OnStepStart(state));

    public override void OnGradients(TrainingState state) => Each(training => training.OnGradients(state));

    public override void OnStepEnd(TrainingState state) => Each(training => training.OnStepEnd(state));

    public override void OnEpochEnd(TrainingState state) => Each(training => training.OnEpochEnd(state));

    public override void OnTrainingEnd(TrainingState state) => Each(training => training.OnTrainingEnd(state));

    public override void SaveState(StateBag state)
    {
        foreach ((string prefix, PeftTraining training) in parts)
        {
            var part = new StateBag();
            training.SaveState(part);
            state.Add(prefix, part);
        }
    }

    public override void LoadState(StateBag state)
    {
        foreach ((string prefix, PeftTraining training) in parts)
            training.LoadState(state.Part(prefix));
    }

    private void Each(Action<PeftTraining> hook)
    {
        foreach ((_, PeftTraining training) in parts)
            hook(training);
    }
}
