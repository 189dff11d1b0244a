namespace MLNet.FineTune.OptionText;

/// <summary>The types of options that the text form of records has a notation for; others are written as JSON.</summary>
internal static class OptionTypes
{
    public static bool IsNumber(Type type) => type.IsPrimitive && type != typeof(bool) && type != typeof(char) && type != typeof(nint) && type != typeof(nuint) || type == typeof(decimal);

    public static bool IsWhole(Type type) => IsNumber(type) && type != typeof(float) && type != typeof(double) && type != typeof(decimal);

    /// <summary>The type of the elements of an array; null for other types.</summary>
    public static Type? Element(Type type) =>
        type.IsSZArray ? type.GetElementType()
        : type.IsGenericType && type.IsInterface && type.IsAssignableFrom(type.GetGenericArguments()[0].MakeArrayType()) ? type.GetGenericArguments()[0]
        : null;

    public static bool IsFlags(Type type) => type.IsDefined(typeof(FlagsAttribute), inherit: false);
}
