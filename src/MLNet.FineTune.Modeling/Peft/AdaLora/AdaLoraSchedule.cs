namespace MLNet.FineTune.Peft;

/// <summary>How many singular triplets may remain at each step (equation 12 of the paper): all at first, then fewer along a cubic curve, then the target.</summary>
/// <param name="InitialBudget">Triplets at the start.</param>
/// <param name="TargetBudget">Triplets in the end.</param>
/// <param name="WarmupSteps">Steps before the first are taken away.</param>
/// <param name="FinalSteps">Steps after the last were.</param>
/// <param name="TotalSteps">Steps of the training.</param>
internal sealed record AdaLoraSchedule(int InitialBudget, int TargetBudget, int WarmupSteps, int FinalSteps, int TotalSteps)
{
    /// <summary>The step after which the triplets that remain are fixed.</summary>
    public int Decision => Math.Max(1, TotalSteps - FinalSteps);

    /// <param name="step">Steps taken.</param>
    public int Budget(int step)
    {
        if (step <= WarmupSteps)
            return InitialBudget;
        if (step >= Decision)
            return TargetBudget;
        double left = 1 - (double)(step - WarmupSteps) / (Decision - WarmupSteps);
        return TargetBudget + (int)((InitialBudget - TargetBudget) * left * left * left);
    }
}
