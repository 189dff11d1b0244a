namespace MLNet.FineTune.Search;

/// <summary>
/// Points that fill the unit cube evenly (Sobol 1967), with the direction numbers of Joe and Kuo 2008, "Constructing Sobol sequences with better
/// two-dimensional projections", SIAM J. Sci. Comput. 30(5), shifted by random bits. Coordinates above the 21st are a Latin hypercube's, block by block.
/// </summary>
internal sealed class SobolSequence
{
    private const int Bits = 32;

    /// <summary>For each coordinate from the second on: the polynomial's degree, its inner coefficients, and the first direction numbers.</summary>
    private static readonly (int Degree, uint Polynomial, uint[] Start)[] Directions =
    [
        (1, 0, [1]), (2, 1, [1, 3]), (3, 1, [1, 3, 1]), (3, 2, [1, 1, 1]), (4, 1, [1, 1, 3, 3]), (4, 4, [1, 3, 5, 13]),
        (5, 2, [1, 1, 5, 5, 17]), (5, 4, [1, 1, 5, 5, 5]), (5, 7, [1, 1, 7, 11, 1]), (5, 11, [1, 1, 5, 1, 1]), (5, 13, [1, 1, 1, 3, 11]), (5, 14, [1, 3, 5, 5, 31]),
        (6, 1, [1, 3, 3, 9, 7, 49]), (6, 13, [1, 1, 1, 15, 21, 21]), (6, 16, [1, 3, 1, 13, 27, 49]), (6, 19, [1, 1, 1, 15, 7, 5]), (6, 22, [1, 3, 1, 15, 13, 25]), (6, 25, [1, 1, 5, 5, 19, 61]),
        (7, 1, [1, 3, 7, 11, 23, 15, 103]), (7, 4, [1, 3, 7, 13, 13, 15, 69]),
    ];

    private static readonly uint[][] Numbers = [First(), .. Directions.Select(Recurrence)];

    private readonly uint[] _shifts;
    private readonly int _dimensions, _block, _seed;
    private readonly Dictionary<(int Dimension, int Block), int[]> _orders = [];

    /// <param name="dimensions">Coordinates of a point.</param>
    /// <param name="random">Gives the shift.</param>
    /// <param name="block">The number of points that are even together: a power of 2.</param>
    public SobolSequence(int dimensions, Random random, int block = 64)
    {
        (_dimensions, _block) = (dimensions, block);
        _shifts = [.. Enumerable.Range(0, dimensions).Select(_ => (uint)random.NextInt64(1L << Bits))];
        _seed = random.Next();
    }

    /// <summary>A point by its index from 0; coordinates are above 0 and below 1.</summary>
    public double[] Point(int index)
    {
        var point = new double[_dimensions];
        for (int d = 0; d < _dimensions; d++)
            point[d] = d < Numbers.Length ? (Bit(Numbers[d], index) ^ _shifts[d]) / (double)(1L << Bits) + 0.5 / (1L << Bits) : Stratified(d, index);
        return point;
    }

    private static uint Bit(uint[] numbers, int index)
    {
        uint gray = (uint)index ^ (uint)index >> 1, value = 0;
        for (int bit = 0; gray != 0; bit++, gray >>= 1)
            if ((gray & 1) != 0)
                value ^= numbers[bit];
        return value;
    }

    private double Stratified(int dimension, int index)
    {
        (int block, int at) = Math.DivRem(index, _block);
        if (!_orders.TryGetValue((dimension, block), out int[]? order))
        {
            order = [.. Enumerable.Range(0, _block)];
            new Random(HashOf(dimension, block)).Shuffle(order);
            _orders[(dimension, block)] = order;
        }
        return (order[at] + ((double)_shifts[dimension] + 0.5) / (1L << Bits)) / _block;
    }

    private int HashOf(int dimension, int block) => unchecked(_seed + 7919 * dimension + 104729 * block);

    private static uint[] First() => [.. Enumerable.Range(0, Bits).Select(i => 1u << Bits - 1 - i)];

    private static uint[] Recurrence((int Degree, uint Polynomial, uint[] Start) direction)
    {
        int degree = direction.Degree;
        var numbers = new uint[Bits];
        for (int i = 0; i < Bits; i++)
        {
            if (i < degree)
            {
                numbers[i] = direction.Start[i] << Bits - 1 - i;
                continue;
            }
            numbers[i] = numbers[i - degree] ^ numbers[i - degree] >> degree;
            for (int k = 1; k < degree; k++)
                if ((direction.Polynomial >> degree - 1 - k & 1) != 0)
                    numbers[i] ^= numbers[i - k];
        }
        return numbers;
    }
}
