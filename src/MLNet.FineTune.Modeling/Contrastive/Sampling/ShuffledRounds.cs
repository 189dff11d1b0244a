namespace MLNet.FineTune.Contrastive;

/// <summary>Items in endless rounds, each in another order: after any number of takes no item was taken more than once more often than another.</summary>
internal sealed class ShuffledRounds(int[] items, Random random)
{
    private readonly int[] _order = [.. items];
    private int _position = items.Length;

    /// <summary>The next items, all different; all there are where that is fewer.</summary>
    public int[] Take(int count)
    {
        if (count >= _order.Length)
            return [.. _order];
        var taken = new int[count];
        for (int i = 0; i < count; i++)
        {
            if (_position == _order.Length)
            {
                random.Shuffle(_order);
                _position = 0;
            }
            // Where a take spans two rounds, what it has from the first comes later in the second.
            int next = Array.FindIndex(_order, _position, item => Array.IndexOf(taken, item, 0, i) < 0);
            (_order[_position], _order[next]) = (_order[next], _order[_position]);
            taken[i] = _order[_position++];
        }
        return taken;
    }
}
