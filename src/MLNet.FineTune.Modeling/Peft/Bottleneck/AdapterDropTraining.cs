using MLNet.FineTune.Training;

namespace MLNet.FineTune.Peft;

/// <summary>Robust AdapterDrop: at every step the modules of a random number of the lowest layers take no part (Rücklé et al. 2020, arXiv 2010.11918, section 4).</summary>
/// <remarks>The number depends on the step alone, so that a resumed training goes on with the same numbers.</remarks>
internal sealed class AdapterDropTraining(IReadOnlyList<Placement> placed, int most) : PeftTraining
{
    private const int Seed = 0x0d0b;

    /// <summary>How many of the lowest layers go without their modules in a step.</summary>
    public static int Dropped(int step, int most) => (int)(SeededRandom.Mix(Seed, step) % (ulong)(most + 1));

    public override void OnStepStart(TrainingState state) => Drop(Dropped(state.Step, most));

    public override void OnTrainingEnd(TrainingState state) => Drop(0);

    private void Drop(int lowest)
    {
        foreach (Placement placement in placed)
            placement.Module.Active = !(placement.Site?.Layer < lowest);
    }
}
