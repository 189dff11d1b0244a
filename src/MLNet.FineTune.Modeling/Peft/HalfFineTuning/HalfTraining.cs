using MLNet.FineTune.Training;

namespace MLNet.FineTune.Peft;

/// <summary>Lets a new half train in every round: what is frozen gets no gradients and is not moved. The half follows from the step, so that nothing needs to be kept.</summary>
internal sealed class HalfTraining(PeftAdapter adapter, HalfFineTuning options) : PeftTraining
{
    private readonly string[] _modules = HalfSelection.Modules(adapter.Model);
    private int _round = -1;

    public override void OnStepStart(TrainingState state)
    {
        int round = (int)((long)state.Step * options.Rounds / state.TotalSteps);
        if (round == _round)
            return;
        _round = round;
        HashSet<string> chosen = HalfSelection.Choose(_modules, options.Level, options.Seed, round);
        Select(parameter => parameter.Layer is null || chosen.Contains(ParameterNames.Module(parameter.Name)));
    }

    public override void OnTrainingEnd(TrainingState state) => Select(_ => true);

    private void Select(Func<AdapterParameter, bool> trains)
    {
        foreach (AdapterParameter parameter in adapter.Trainable)
            parameter.Parameter.requires_grad = trains(parameter);
        adapter.Model.WeightsChanged();
    }
}
