namespace MLNet.FineTune.Search;

/// <summary>
/// Crossover and mutation of coordinates: simulated binary crossover (Deb and Agrawal 1995) and polynomial mutation (Deb and Goyal 1996), both
/// bounded, for ordered parameters; exchange and a fresh draw for others. Mutated levels move by one at least.
/// </summary>
internal sealed class GeneticOperators(ParameterSpace space, NsgaTuner options)
{
    /// <summary>A child of two parents; its coordinates are snapped by the caller.</summary>
    public double[] Child(double[] a, double[] b, Random random)
    {
        double[] child = [.. a];
        if (random.NextDouble() < options.CrossoverProbability)
            for (int i = 0; i < child.Length; i++)
                child[i] = Cross(space.Dimensions[i], a[i], b[i], random);
        double probability = options.MutationProbability ?? 1.0 / child.Length;
        for (int i = 0; i < child.Length; i++)
            if (random.NextDouble() < probability)
                child[i] = Mutate(space.Dimensions[i], child[i], random);
        return child;
    }

    private double Cross(Dimension dimension, double a, double b, Random random)
    {
        if (random.NextDouble() >= 0.5 || a == b)
            return random.NextDouble() < 0.5 ? a : b;
        if (!dimension.Ordered || dimension.Count <= 2)
            return random.NextDouble() < 0.5 ? a : b;
        (double low, double high) = (Math.Min(a, b), Math.Max(a, b));
        double uniform = random.NextDouble(), exponent = options.CrossoverIndex + 1;
        bool lower = random.NextDouble() < 0.5;
        double room = lower ? low : 1 - high;
        double alpha = 2 - Math.Pow(1 + 2 * room / (high - low), -exponent);
        double spread = uniform <= 1 / alpha ? Math.Pow(uniform * alpha, 1 / exponent) : Math.Pow(1 / (2 - uniform * alpha), 1 / exponent);
        double middle = low + high;
        return Math.Clamp(0.5 * (lower ? middle - spread * (high - low) : middle + spread * (high - low)), 0, 1);
    }

    private double Mutate(Dimension dimension, double unit, Random random)
    {
        if (!dimension.Ordered || dimension.Count <= 2)
            return dimension.FromUniform(random.NextDouble());
        double uniform = random.NextDouble(), exponent = options.MutationIndex + 1;
        double delta = uniform < 0.5
            ? Math.Pow(2 * uniform + (1 - 2 * uniform) * Math.Pow(1 - unit, exponent), 1 / exponent) - 1
            : 1 - Math.Pow(2 * (1 - uniform) + 2 * (uniform - 0.5) * Math.Pow(unit, exponent), 1 / exponent);
        double mutated = Math.Clamp(unit + delta, 0, 1);
        if (dimension.Count is not { } count || dimension.LevelOf(mutated) is var level && level != dimension.LevelOf(unit))
            return mutated;
        return dimension.UnitOfLevel(Math.Clamp(delta < 0 ? level - 1 : level + 1, 0, count - 1));
    }
}
