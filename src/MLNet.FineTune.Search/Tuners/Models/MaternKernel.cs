namespace MLNet.FineTune.Search;

/// <summary>The Matérn kernel of smoothness 5/2: (1 + √5·r + 5/3·r²)·exp(−√5·r).</summary>
internal static class MaternKernel
{
    private static readonly double Root5 = Math.Sqrt(5);

    /// <param name="squared">r², the distance's square.</param>
    public static double Value(double squared)
    {
        double scaled = Root5 * Math.Sqrt(squared);
        return (1 + scaled + scaled * scaled / 3) * Math.Exp(-scaled);
    }

    /// <summary>The value and its derivative by r².</summary>
    public static (double Value, double Slope) ValueAndSlope(double squared)
    {
        double scaled = Root5 * Math.Sqrt(squared), decay = Math.Exp(-scaled);
        return ((1 + scaled + scaled * scaled / 3) * decay, -5.0 / 6 * (1 + scaled) * decay);
    }
}
