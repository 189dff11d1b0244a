namespace MLNet.FineTune.WeakSupervision;

/// <summary>Sums of exponentials that neither overflow nor vanish.</summary>
internal static class LogSum
{
    /// <summary>Turns logarithms of weights into probabilities, in place.</summary>
    /// <returns>The logarithm of the sum of the weights.</returns>
    public static double Normalize(Span<double> logs)
    {
        double largest = double.NegativeInfinity;
        foreach (double log in logs)
            largest = Math.Max(largest, log);
        double sum = 0;
        foreach (ref double log in logs)
            sum += log = Math.Exp(log - largest);
        foreach (ref double log in logs)
            log /= sum;
        return largest + Math.Log(sum);
    }
}
