namespace MLNet.FineTune.WeakSupervision;

/// <summary>What a label model is given beside the votes.</summary>
/// <param name="ClassBalance">Probability of each class; null to learn it, or take all as equal where a model does not learn it.</param>
/// <param name="CheckAlive">Called now and then; throws to stop.</param>
internal sealed record LabelModelContext(double[]? ClassBalance, Action CheckAlive)
{
    public double[] ClassBalanceOrEqual(int classCount)
    {
        if (ClassBalance is not null)
            return ClassBalance;
        var balance = new double[classCount];
        Array.Fill(balance, 1.0 / classCount);
        return balance;
    }
}
